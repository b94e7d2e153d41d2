// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Credentials
internal import HTTPTransport

extension SettingsReader {
    /// What is said of TLS.
    ///
    /// - Returns: The settings; nil without a certificate.
    /// - Throws: ``CommandFailure`` for a value that cannot be used, or that has no effect without another.
    func tls() throws(CommandFailure) -> TLSSettings? {
        let port = try value(.tlsPort, default: nil, parse: Self.port)
        let authorities = try path(.tlsClientCA)
        let peers = try path(.tlsPeersCA)
        let allowed = try list(.tlsAllowedClient, parse: ClientIdentity.init)
        let certificate = try path(.tlsCertificate)
        let key = try path(.tlsKey)
        guard let certificate, let key else {
            let others: [(Setting, Bool)] = [
                (.tlsCertificate, certificate != nil), (.tlsKey, key != nil), (.tlsClientCA, authorities != nil),
                (.tlsAllowedClient, !allowed.isEmpty), (.tlsPeersCA, peers != nil), (.tlsPort, port != nil),
            ]
            guard let given = others.first(where: \.1)?.0 else { return nil }
            let missing = certificate == nil ? Setting.tlsCertificate : .tlsKey
            throw CommandFailure(.configuration, "\(name(of: given)) has no effect without \(missing.flag); give both")
        }
        guard allowed.isEmpty || authorities != nil else {
            throw CommandFailure(
                .configuration,
                """
                \(name(of: .tlsAllowedClient)) has no effect without \(Setting.tlsClientCA.flag), which tells whose \
                certificates are valid; give both
                """
            )
        }
        return TLSSettings(
            files: TLSFiles(
                certificateChain: certificate,
                privateKey: key,
                clientAuthorities: authorities,
                peerAuthorities: peers
            ),
            allowedClients: allowed,
            port: port
        )
    }

    /// What a person should know of settings that do what they say, but perhaps not what is meant.
    func warnings(about tls: TLSSettings?) -> [String] {
        guard let tls, tls.port != nil, tls.files.clientAuthorities != nil else { return [] }
        return [
            """
            \(name(of: .tlsClientCA)): does not guard the plain port (\(Setting.port.flag)), which serves modules to anyone; leave \
            \(Setting.tlsPort.flag) out to have TLS only, or let a NetworkPolicy keep clients from the plain port
            """
        ]
    }

    private func path(_ setting: Setting) throws(CommandFailure) -> String? {
        try value(setting, default: nil) { $0 }
    }
}
