// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// Where the certificates and the key of a listener are; each file is PEM.
package struct TLSFiles: Hashable, Sendable {
    /// The server's certificate, and after it those that lead to its authority.
    package let certificateChain: String
    /// The key of the server's certificate, not encrypted.
    package let privateKey: String
    /// The authorities whose clients may connect; nil if no client certificate is demanded.
    package let clientAuthorities: String?
    /// The authorities of peers' certificates; nil if they are those of the clients, or else those the system trusts.
    package let peerAuthorities: String?

    /// The paths of the files.
    package init(
        certificateChain: String,
        privateKey: String,
        clientAuthorities: String? = nil,
        peerAuthorities: String? = nil
    ) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
        self.clientAuthorities = clientAuthorities
        self.peerAuthorities = peerAuthorities
    }
}

/// What the files of a listener hold at one moment, not judged yet.
struct TLSMaterial {
    let files: TLSFiles
    let certificateChain: [UInt8]
    let privateKey: [UInt8]
    let clientAuthorities: [UInt8]?
    let peerAuthorities: [UInt8]?

    /// Reads the files; it may wait for the disk.
    init(reading files: TLSFiles) throws(TLSError) {
        self.files = files
        certificateChain = try PEMFile.read(files.certificateChain)
        privateKey = try PEMFile.read(files.privateKey)
        clientAuthorities = try Self.readIfNamed(files.clientAuthorities)
        peerAuthorities = try Self.readIfNamed(files.peerAuthorities)
    }

    private static func readIfNamed(_ path: String?) throws(TLSError) -> [UInt8]? {
        guard let path else { return nil }
        return try PEMFile.read(path)
    }

    /// Tells one content from another, without holding a key.
    var digests: [Digest] {
        [certificateChain, privateKey, clientAuthorities ?? [], peerAuthorities ?? []].map { Digest(of: $0) }
    }
}
