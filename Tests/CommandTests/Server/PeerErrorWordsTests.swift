// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Credentials
import Peers
import ServerClient
import Testing

@testable import wasm_server

@Suite("What is told of a peer that fails")
struct PeerErrorWordsTests {
    @Test(
        "names the flag that helps",
        arguments: [
            (.status(403), "answered with status 403; name this server in its --tls-allowed-client"),
            (.status(500), "answered with status 500"),
            (.withoutCertificate, "is not trusted: this server has no certificate for its peers"),
            (.untrusted(.otherName("b"), as: "a"), "is not trusted: its certificate is not valid for a"),
            (
                .untrusted(.notTLS, as: "a"),
                "is not trusted: it does not speak TLS on this port; name its TLS port in --peers"
            ),
            (
                .untrusted(.certificateRequired, as: "a"),
                """
                is not trusted: it does not accept our certificate: name this server in --tls-allowed-client and let its \
                certificate be valid for clients too
                """
            ),
            (
                .untrusted(.untrustedCertificate(.unknownAuthority, nil), as: "a"),
                """
                is not trusted: its certificate is issued by somebody, which --tls-peers-ca does not name, nor leads to one
                """
            ),
            (
                .untrusted(.untrustedCertificate(.otherKey, nil), as: "a"),
                "is not trusted: its certificate is issued by somebody, which has another key in --tls-peers-ca"
            ),
            (
                .untrusted(.untrustedCertificate(.expiredAuthority, nil), as: "a"),
                "is not trusted: its certificate is issued by somebody, which is not valid now in --tls-peers-ca"
            ),
            (
                .untrusted(.untrustedCertificate(nil, nil), as: "a"),
                "is not trusted: its certificate is not of an authority in --tls-peers-ca, or not valid now"
            ),
        ] as [(PeerError, String)]
    )
    func words(_ error: PeerError, _ words: String) {
        #expect(error.words == words)
    }
}
