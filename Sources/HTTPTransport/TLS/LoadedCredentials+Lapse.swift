// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Credentials
internal import HTTPSemantics

extension LoadedCredentials {
    /// What is no longer valid, though the files are as they were.
    func lapsed(at now: Int64) -> [TLSEvent] {
        expired(at: now) + authorities.compactMap(\.problem).map { .authoritiesExpired($0) }
    }

    private func expired(at now: Int64) -> [TLSEvent] {
        guard now > certificate.expiry else { return [] }
        let error = TLSError(
            file: parsed.files.certificateChain,
            reason: "the certificate in use expired at \(HTTPDate(seconds: certificate.expiry))",
            remedy: "renew it; clients reject it by now"
        )
        return [.expired(error)]
    }
}
