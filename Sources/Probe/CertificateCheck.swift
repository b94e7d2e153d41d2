// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Credentials
internal import NIOCore
internal import ServerClient

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Looks at the certificate of one server, as its clients judge it.
struct CertificateCheck: Sendable {
    private let client: ServerClient
    private let address: SocketAddress
    private let results: Results

    init(_ client: ServerClient, at address: SocketAddress, _ results: Results) {
        (self.client, self.address, self.results) = (client, address, results)
    }

    /// Runs the check, and returns the kind of the certificate's key, if that is known.
    func run() async -> KeyKind? {
        let subject = "\(address.place) certificate"
        // That no handshake comes about is told by whoever needs one.
        guard let presented = try? await client.presentedCertificate(at: address) else { return nil }
        let facts = presented.chain.first
        let names = presented.names.text.isEmpty ? "no name" : presented.names.text
        let expiry = Date(timeIntervalSince1970: TimeInterval(facts.validity.upperBound)).formatted(.iso8601)
        results.add(
            .init(.ok, subject, "\(facts.key), for \(names), issued by \(facts.issuer), expires at \(expiry)")
        )
        for remark in presented.chain.faults(at: platform_seconds()) {
            let verdict: ProbeResult.Verdict = remark.weight == .rejection ? .failed : .warning
            results.add(.init(verdict, subject, remark.problem, .words(remark.remedy)))
        }
        return facts.key
    }
}
