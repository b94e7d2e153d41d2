// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Credentials

extension FuzzTarget {
    /// What a client's certificate says, which a log repeats.
    static let certificate = FuzzTarget("certificate") { (bytes: [UInt8]) in
        guard let facts = try? CertificateFacts(derEncoded: bytes, validity: 0...1) else { return }
        for name in [facts.subject, facts.issuer] {
            let text = "\(name)"
            require(!text.isEmpty && text.utf8.count <= 256 + 3, "\(text) has a length that a log bears")
            require(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }, "\(text) is printable")
        }
        require(facts.isSelfIssued == (facts.subject == facts.issuer), "it is self-issued by its names")
    }
}
