// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import NIOCore
import Testing

@testable import Peers

@Suite("Where this server is about to listen")
struct OwnAddressesTests {
    @Test(
        "is where nobody else can, and nothing that only may be such an address",
        arguments: [
            // Every machine has this address (RFC 1122 §3.2.1.3), and none has those for documentation (RFC 5737 §3).
            (nil, "127.0.0.1", 8082, true), (nil, "192.0.2.1", 8082, false), (nil, "127.0.0.1", 8083, false),
            (nil, "127.0.0.2", 8082, false), (nil, "2001:db8::1", 8082, false),
            ("127.0.0.2", "127.0.0.2", 8082, true), ("127.0.0.2", "127.0.0.1", 8082, false),
            ("127.0.0.2", "127.0.0.2", 8083, false), ("::1", "::1", 8082, true), ("::1", "127.0.0.1", 8082, false),
            ("0.0.0.0", "127.0.0.1", 8082, true), ("0.0.0.0", "192.0.2.1", 8082, false),
            ("::", "127.0.0.1", 8082, false), ("localhost", "127.0.0.1", 8082, false),
        ] as [(String?, String, Int, Bool)]
    )
    func addresses(_ host: String?, _ address: String, _ port: Int, _ isOwn: Bool) throws {
        let own = OwnAddresses(host: host, ports: [8082, 0])
        #expect(own.contain(try SocketAddress(ipAddress: address, port: port)) == isOwn)
    }

    @Test("is nowhere while the port is not known")
    func anyPort() throws {
        #expect(!OwnAddresses(host: nil, ports: [0]).contain(try SocketAddress(ipAddress: "127.0.0.1", port: 0)))
    }
}
