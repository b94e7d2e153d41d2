// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Foundation
internal import ServerInterface

@testable internal import Content
@testable internal import ModuleCatalog
@testable internal import WasmService

extension FuzzTarget {
    /// A digest as text, and the URL of the bytes that have it.
    static let digest = FuzzTarget("digest") { text in
        guard let digest = Digest(hexadecimal: text) else { return }
        require(text.utf8.count == 64, "a SHA-256 has 64 digits")
        require(text.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }, "\(digest) is in lowercase hexadecimal")
        let bytes = Data(base64Encoded: digest.base64).map { $0.map { String(format: "%02x", $0) }.joined() }
        require(bytes == text, "\(digest.base64) spells the same bytes")
        let path = DigestPath.text(of: digest)
        require(RequestPath(decoding: path) == .name(path), "\(path) can be asked for as it is")
        require((try? ModulePath(String(path.dropFirst()))) == nil, "no module's name is \(path)")
    }
}
