// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics

/// Answers clients whose certificate is valid and names nobody who may fetch.
struct ForbiddenResponder: Responder {
    /// Who the certificate says that they are.
    let identity: String

    func respond(to request: Request, from client: String) -> Reply {
        .now(.problem(.forbidden, detail: "This client, \(identity), is not among those who may fetch."))
    }
}
