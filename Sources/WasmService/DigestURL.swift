// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// The URL of a module by its digest.
enum DigestURL {
    /// The path under which a digest's bytes are served, whatever their name.
    static func path(of digest: Digest) -> String {
        "/sha256/\(digest).wasm"
    }
}
