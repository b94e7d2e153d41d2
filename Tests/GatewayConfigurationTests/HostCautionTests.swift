// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import GatewayConfiguration

@Suite("What a host is to a gateway")
struct HostCautionTests {
    private static let inCluster = Gateway.allCases.filter { $0 != .envoy }

    @Test(
        "is itself, one link or nothing, however the host is written",
        arguments: [
            // RFC 6761 §6.3, and /etc/hosts of distributions.
            "localhost", "LocalHost", "localhost.", "a.localhost", "localhost.localdomain", "localhost6",
            "ip6-loopback",
            // RFC 6890; the short and the odd ways are those of inet_aton(3).
            "127.0.0.1", "127.255.255.254", "127.0.0.1.", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1",
            "0177.0.0.1", "017700000001", "0.0.0.0", "0", "0.0.0.1",
            // RFC 4291 §2.5, RFC 6052 §2.1, RFC 4007 §11.
            "::1", "::", "0:0:0:0:0:0:0:1", "::0001", "::ffff:127.0.0.1", "::ffff:7f00:1", "64:ff9b::127.0.0.1",
            "::1%lo",
            "169.254.1.1", "::ffff:169.254.1.1", "fe80::1", "fe80::1%eth0", "FEBF::1", "mymachine.local",
            "224.0.0.1", "255.255.255.255", "240.0.0.1", "ff02::1",
        ]
    )
    func hopeless(_ host: String) throws {
        for gateway in Self.inCluster {
            let caution = try #require(gateway.caution(about: host), "\(gateway)")
            #expect(caution.isHopeless)
            #expect(caution.reason.contains(host))
        }
        #expect(Gateway.envoy.caution(about: host) == nil)
    }

    @Test(
        "may be known to some only",
        arguments: [
            "host.docker.internal", "HOST.docker.internal.", "gateway.docker.internal", "host.containers.internal",
            "host.minikube.internal", "host.k3d.internal",
        ]
    )
    func developerMachine(_ host: String) throws {
        for gateway in Self.inCluster {
            #expect(try #require(gateway.caution(about: host)).isHopeless == false)
        }
    }

    @Test(
        "is known in its own namespace without a dot, but for Consul's services",
        arguments: ["wasm-server", "a_b", "1x"]
    )
    func bareName(_ host: String) throws {
        for gateway in Self.inCluster where gateway != .consul {
            let caution = try #require(gateway.caution(about: host))
            #expect(!caution.isHopeless)
            #expect(caution.example.contains(".svc."))
        }
        #expect(Gateway.consul.caution(about: host) == nil)
    }

    @Test(
        "is nothing to be said of elsewhere",
        arguments: [
            "wasm-server.wasm-server", "wasm-server.ns.svc", "wasm-server.ns.svc.cluster.local", "a.b.local",
            "modules.example", "localhost.example", "notlocalhost.example", "10.0.0.1", "192.168.1.1", "128.0.0.1",
            "169.253.0.1", "223.255.255.255", "2001:db8::1", "fd00::1", "fec0::1", "::2", "::ffff:10.0.0.1",
            "256.0.0.1.example",
            "vm.internal", "1.2.3.4.5",
        ]
    )
    func reachable(_ host: String) {
        for gateway in Gateway.allCases { #expect(gateway.caution(about: host) == nil, "\(gateway)") }
    }

    @Test(
        "is an address in every way in which resolvers take one",
        arguments: [
            ("1.2.3.4", NumericAddress.ipv4(0x01020304)), ("1.2.772", .ipv4(0x01020304)),
            ("1.131844", .ipv4(0x01020304)),
            ("0X1020304", .ipv4(0x01020304)), ("1::", .ipv6([1, 0, 0, 0, 0, 0, 0, 0])),
            ("1:2:3:4:5:6:7:8", .ipv6([1, 2, 3, 4, 5, 6, 7, 8])),
            ("1:2:3:4:5:6:1.2.3.4", .ipv6([1, 2, 3, 4, 5, 6, 0x102, 0x304])),
        ]
    )
    func spelling(_ host: String, _ address: NumericAddress) {
        #expect(NumericAddress(host) == address)
    }

    @Test(
        "is no address otherwise",
        arguments: [
            "", ".", "1.", ".1", "1..2", "256.1.1.1", "1.256.1.1", "1.2.3.256", "1.2.65536", "1.16777216", "4294967296",
            "08",
            "1.2.3.4.5", "-1", "+1", "0x", "0xg", "::1.2.772", "::0x1.2.3.4", "1e3", "a", ":", ":::", "1:2",
            "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::",
            "1:2:3:4:5:6:7::8", "1:2:3:4:5:6:7:8::", "g::", "+1::", "1.2.3.4::", "1:2:3:4:5:6:7:1.2.3.4",
        ]
    )
    func noAddress(_ host: String) {
        #expect(NumericAddress(host) == nil)
    }
}
