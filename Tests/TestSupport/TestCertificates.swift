// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Makes authorities and certificates in a folder, with `openssl`.
package struct TestCertificates: Sendable {
    /// A certificate and its key, each the path of a PEM file.
    package struct Pair: Sendable {
        package let certificate: String
        package let key: String

        /// A pair of files.
        package init(certificate: String, key: String) {
            (self.certificate, self.key) = (certificate, key)
        }
    }

    /// When a certificate is valid.
    package enum Validity: Sendable {
        /// Before 2021.
        case past
        /// From 2020 to 2099.
        case present
        /// From 2098 to 2099.
        case future
        /// From 2020 to 2199.
        case long

        /// Its last second since 1970: that of 2020, 2099 or 2199.
        package var expiry: Int64 {
            switch self {
            case .past: 1_609_459_199
            case .present, .future: 4_102_444_799
            case .long: 7_258_118_399
            }
        }

        fileprivate var arguments: [String] {
            let start = self == .future ? "20980101000000Z" : "20200101000000Z"
            let end =
                switch self {
                case .past: "2020"
                case .present, .future: "2099"
                case .long: "2199"
                }
            return ["-startdate", start, "-enddate", "\(end)1231235959Z"]
        }
    }

    /// The kind of a key.
    package enum Key: Sendable, CaseIterable {
        case p256
        case p384
        case p521
        case rsa
        /// RSA that is too short.
        case rsa1024
        case ed25519
        /// A kind that no TLS library in question supports.
        case secp256k1

        fileprivate var arguments: [String] {
            switch self {
            case .p256: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
            case .p384: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"]
            case .p521: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"]
            case .rsa: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]
            case .rsa1024: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"]
            case .ed25519: ["-algorithm", "ED25519"]
            case .secp256k1: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"]
            }
        }
    }

    private static let configuration = """
        [ca]
        default_ca = authority
        [authority]
        database = index.txt
        new_certs_dir = .
        default_md = default
        rand_serial = yes
        policy = policy
        unique_subject = no
        [policy]
        commonName = optional
        [req]
        distinguished_name = name
        prompt = no
        [name]
        """

    private let folder: TemporaryFolder

    /// Certificates in a folder, which has to be a test's own.
    package init(in folder: TemporaryFolder) {
        self.folder = folder
    }

    /// Makes a key.
    ///
    /// - Parameters:
    ///   - name: The file's name, without an extension.
    ///   - kind: The key's kind.
    /// - Returns: The path of the file.
    /// - Throws: If `openssl` fails.
    @discardableResult
    package func key(_ name: String, _ kind: Key = .p256) async throws -> String {
        let path = folder.path("\(name).key")
        _ = try await CommandLineTool.require(["openssl", "genpkey"] + kind.arguments + ["-out", path])
        return path
    }

    /// Makes an authority, signed by itself.
    ///
    /// - Parameters:
    ///   - name: The files' name, and its common name.
    ///   - validity: When it is valid.
    ///   - extensions: Its extensions, as `openssl` takes them; those of an authority if nothing else is said.
    /// - Returns: The files.
    /// - Throws: If `openssl` fails.
    package func authority(
        _ name: String,
        valid validity: Validity = .present,
        extensions: [String] = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"]
    ) async throws -> Pair {
        try await sign(name, key: try await key(name), by: nil, valid: validity, extensions)
    }

    /// Makes an authority's certificate once more: of its name and its key, but with other dates.
    ///
    /// - Parameters:
    ///   - pair: The authority.
    ///   - issuer: Who signs it; nil for itself.
    ///   - validity: When the new certificate is valid.
    /// - Returns: The files.
    /// - Throws: If `openssl` fails.
    package func again(_ pair: Pair, by issuer: Pair?, valid validity: Validity) async throws -> Pair {
        let original = folder.path("original.pem")
        _ = try await CommandLineTool.require(["cp", pair.certificate, original])
        let name = String(pair.certificate.split(separator: "/").last?.dropLast(".pem".count) ?? "")
        let extensions = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"]
        let new = try await sign(name, key: pair.key, by: issuer, valid: validity, extensions)
        let renewed = folder.path("\(name)-\(validity).pem")
        _ = try await CommandLineTool.require(["mv", new.certificate, renewed])
        _ = try await CommandLineTool.require(["mv", original, pair.certificate])
        return Pair(certificate: renewed, key: pair.key)
    }

    /// Makes an intermediate authority.
    package func intermediate(
        _ name: String,
        by authority: Pair,
        valid validity: Validity = .present,
        extensions others: [String] = []
    ) async throws -> Pair {
        let extensions = [
            "basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign", "subjectKeyIdentifier=hash",
            "authorityKeyIdentifier=keyid",
        ]
        return try await sign(name, key: try await key(name), by: authority, valid: validity, extensions + others)
    }

    /// Makes the certificate of a server or a client, and its key.
    ///
    /// - Parameters:
    ///   - name: The files' name, and its common name.
    ///   - authority: Who signs it.
    ///   - names: Its subject alternative names, as `openssl` takes them, such as `DNS:localhost`.
    ///   - validity: When it is valid.
    ///   - kind: The key's kind.
    ///   - keyUsage: What the key may do, as `openssl` takes it; nil for anything.
    ///   - others: Further extensions, as `openssl` takes them.
    ///   - digest: The digest that is signed; nil for the one that goes with the authority's key.
    /// - Returns: The files.
    /// - Throws: If `openssl` fails.
    package func issue(
        _ name: String,
        by authority: Pair,
        names: [String] = ["DNS:localhost"],
        valid validity: Validity = .present,
        key kind: Key = .p256,
        keyUsage: String? = "critical,digitalSignature",
        extensions others: [String] = [],
        digest: String? = nil
    ) async throws -> Pair {
        let extensions = ["basicConstraints=critical,CA:FALSE"] + (keyUsage.map { ["keyUsage=\($0)"] } ?? [])
        let alternatives = names.isEmpty ? [] : ["subjectAltName=\(names.joined(separator: ","))"]
        let key = try await key(name, kind)
        let all = extensions + alternatives + others
        return try await sign(name, key: key, by: authority, valid: validity, all, digest: digest)
    }

    /// Joins files, and answers the path of the new one.
    package func bundle(_ name: String, _ files: [String]) async throws -> String {
        let text = try await CommandLineTool.require(["cat"] + files)
        return try folder.write(Array(text.utf8), to: name)
    }

    private func sign(
        _ name: String,
        key: String,
        by authority: Pair?,
        valid validity: Validity,
        _ extensions: [String],
        digest: String? = nil
    ) async throws -> Pair {
        let configuration = try folder.write(
            Array(
                (Self.configuration.replacing("= .", with: "= \(folder.path)")
                    .replacing("index.txt", with: folder.path("index.txt")) + "\n").utf8
            ),
            to: "openssl.cnf"
        )
        try folder.write([], to: "index.txt")
        let extensionFile = try folder.write(Array(extensions.joined(separator: "\n").utf8), to: "\(name).ext")
        let request = folder.path("\(name).csr")
        let certificate = folder.path("\(name).pem")
        let requesting = ["openssl", "req", "-new", "-config", configuration, "-key", key, "-subj", "/CN=\(name)"]
        _ = try await CommandLineTool.require(requesting + ["-out", request])
        let signer = authority.map { ["-cert", $0.certificate, "-keyfile", $0.key] } ?? ["-selfsign", "-keyfile", key]
        _ = try await CommandLineTool.require(
            ["openssl", "ca", "-batch", "-notext", "-config", configuration, "-in", request]
                + ["-extfile", extensionFile, "-out", certificate] + signer + validity.arguments
                + (digest.map { ["-md", $0] } ?? [])
        )
        return Pair(certificate: certificate, key: key)
    }
}
