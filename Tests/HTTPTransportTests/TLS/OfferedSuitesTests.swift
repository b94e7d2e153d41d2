// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import ServerClient
import Testing

@testable import Credentials

@Suite("The suites that a ClientHello offers")
struct OfferedSuitesTests {
    /// A ClientHello with a session's identifier and suites (RFC 5246 §7.4.1.2), without extensions.
    private func hello(session: [UInt8] = [], suites: [UInt8]) -> [UInt8] {
        let body: [UInt8] =
            [3, 3] + [UInt8](repeating: 0x5a, count: 32) + [UInt8(session.count)] + session
            + [0, UInt8(suites.count)] + suites + [1, 0]
        return [0x16, 3, 1, 0, UInt8(body.count + 4), 1, 0, 0, UInt8(body.count)] + body
    }

    @Test("are read behind whatever session it names")
    func sessions() {
        // TLS_RSA_WITH_AES_128_CBC_SHA, and with TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256.
        for session in [[], [UInt8](repeating: 0xc0, count: 32)] {
            #expect(OfferedSuites(hello: hello(session: session, suites: [0, 0x2f]))?.needsNoCurveOfKey == true)
            let both = hello(session: session, suites: [0, 0x2f, 0xc0, 0x2b])
            #expect(OfferedSuites(hello: both)?.needsNoCurveOfKey == false)
        }
        #expect(OfferedSuites(hello: ClientHello.bytes)?.needsNoCurveOfKey == false)
    }

    @Test("are unknown of anything else, and of a part")
    func others() {
        let whole = hello(suites: [0, 0x2f])
        // All but the two bytes of compression, which stand behind the suites.
        for count in 0..<(whole.count - 2) {
            #expect(OfferedSuites(hello: Array(whole.prefix(count))) == nil)
        }
        #expect(OfferedSuites(hello: [0x15] + whole.dropFirst()) == nil)
        #expect(OfferedSuites(hello: hello(suites: [0, 0x2f, 0])) == nil)
    }
}
