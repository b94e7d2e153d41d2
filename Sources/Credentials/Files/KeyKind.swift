// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import SwiftASN1

/// The kind of a certificate's public key, where clients make a difference.
package enum KeyKind: Hashable, Sendable, CustomStringConvertible {
    /// RSA, with so many bits.
    case rsa(bits: Int)
    /// EC on P-256.
    case p256
    /// EC on P-384.
    case p384
    /// EC on P-521.
    case p521
    /// Ed25519.
    case ed25519
    /// Any other; its object identifier.
    case other(String)

    /// What a person calls it.
    package var description: String {
        switch self {
        case .rsa(let bits): "RSA with \(bits) bits"
        case .p256: "EC on P-256"
        case .p384: "EC on P-384"
        case .p521: "EC on P-521"
        case .ed25519: "Ed25519"
        case .other(let identifier): "of the kind \(identifier)"
        }
    }

    /// Whether Envoy takes it by default, with TLS 1.2 and the curves X25519 and P-256.
    package var isTakenByEnvoy: Bool {
        switch self {
        case .rsa, .p256: true
        case .p384, .p521, .ed25519, .other: false
        }
    }

    /// Whether Envoy has to be told to offer its signatures.
    package var needsSignaturesOfItsOwn: Bool { self == .p521 || self == .ed25519 }

    /// The kind that a SubjectPublicKeyInfo tells (RFC 5280 §4.1.2.7).
    init(subjectPublicKeyInfo node: ASN1Node) throws {
        self = try DER.sequence(node, identifier: .sequence) { parts in
            let algorithm = try parts.required()
            let key = try ASN1BitString(derEncoded: &parts)
            return try DER.sequence(algorithm, identifier: .sequence) { parts in
                let identifier = try ASN1ObjectIdentifier(derEncoded: &parts)
                let parameters = parts.next()
                switch identifier {
                case .AlgorithmIdentifier.rsaEncryption, .AlgorithmIdentifier.rsaPSS:
                    return .rsa(bits: try Self.modulusBits(of: key))
                case .AlgorithmIdentifier.idEcPublicKey: return Self.curve(parameters)
                case Self.ed25519Identifier: return .ed25519
                default: return .other("\(identifier)")
                }
            }
        }
    }

    /// RFC 8410 §3.
    private static let ed25519Identifier: ASN1ObjectIdentifier = [1, 3, 101, 112]

    /// RFC 5480 §2.1.1.
    private static func curve(_ parameters: ASN1Node?) -> KeyKind {
        let curve = parameters.flatMap { try? ASN1ObjectIdentifier(derEncoded: $0) }
        return switch curve {
        case .some(.NamedCurves.secp256r1): .p256
        case .some(.NamedCurves.secp384r1): .p384
        case .some(.NamedCurves.secp521r1): .p521
        case .some(let other): .other("\(other)")
        case nil: .other("EC")
        }
    }

    /// RFC 8017 §A.1.1: the modulus comes first.
    private static func modulusBits(of key: ASN1BitString) throws -> Int {
        try DER.sequence(try DER.parse(key.bytes), identifier: .sequence) { parts in
            let modulus = try parts.required()
            while parts.next() != nil {}
            guard case .primitive(let bytes) = modulus.content else { return 0 }
            let significant = bytes.drop { $0 == 0 }
            return significant.count * 8 - (significant.first?.leadingZeroBitCount ?? 0)
        }
    }
}

extension ASN1NodeCollection.Iterator {
    /// The next part, which has to be there.
    mutating func required() throws -> ASN1Node {
        guard let node = next() else { throw CertificateError.unreadable }
        return node
    }
}
