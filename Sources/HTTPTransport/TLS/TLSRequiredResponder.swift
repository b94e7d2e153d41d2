// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics
internal import HTTPService

/// Answers clients that speak plain HTTP where TLS is spoken.
struct TLSRequiredResponder: Responder {
    func respond(to request: Request, from client: String) -> Reply {
        .now(
            .problem(.badRequest, detail: "This port speaks TLS, and plain HTTP was sent; use an https:// URL.")
        )
    }
}
