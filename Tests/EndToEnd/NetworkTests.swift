// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

/// Where a developer's machine differs from a pod: which address families there are.
@Suite(
    "In a network",
    .timeLimit(.minutes(5)),
    .enabled(if: NetworkNamespace.canBeMade, "network namespaces need root, or a system that lets users make them")
)
struct NetworkTests {
    /// Starts a server on every address, asks both of its ports at each of the hosts, and prints a line for each.
    private static let script = """
        "$SERVER" serve --demo --drain-delay 0 $FLAGS > "$LOG" 2>&1 &
        server=$!
        trap 'kill $server; wait $server' EXIT
        for host in $HOSTS; do
            for url in "http://$host:8082/plugin.wasm.sha256" "http://$host:9082/readyz"; do
                until status=$(curl --disable --noproxy '*' -fgso /dev/null -w '%{http_code}' --max-time 2 "$url"); do
                    kill -0 $server 2>/dev/null || { cat "$LOG"; exit 1; }
                    [ $SECONDS -lt 15 ] || { echo "no answer at $url"; cat "$LOG"; exit 1; }
                    sleep 0.05
                done
                echo "$url $status"
            done
        done
        """

    @Test("listens on every address that there is", arguments: NetworkNamespace.allCases)
    func everyAddress(_ network: NetworkNamespace) async throws {
        try await expectAnswers(at: network.hosts, in: network)
    }

    @Test(
        "listens on an address that is named",
        arguments: [
            (.ipv4Only, "192.0.2.1", "192.0.2.1"), (.ipv6Only, "2001:db8::1", "[2001:db8::1]"),
            (.ipv6Only, "127.0.0.1", "127.0.0.1"), (.linkLocalOnly, "fe80::1%eth0", "[fe80::1%25eth0]"),
            (.noIPv6InKernel, "localhost", "127.0.0.1"), (.ipv6SocketsAlone, "localhost", "127.0.0.1"),
            (.ipv6SocketsAlone, "::", "127.0.0.1"), (.loopbackOnly, "0.0.0.0", "127.0.0.1"),
        ] as [(NetworkNamespace, String, String)]
    )
    func named(_ network: NetworkNamespace, _ host: String, _ url: String) async throws {
        try await expectAnswers(at: [url], in: network, with: "--host \(host)")
    }

    @Test(
        "rejects an address that there is not, and says so",
        arguments: [
            (.ipv4Only, "::1"), (.noIPv6InKernel, "::"), (.ipv6Only, "192.0.2.1"), (.loopbackOnly, "fe80::1%eth7"),
        ] as [(NetworkNamespace, String)]
    )
    func missing(_ network: NetworkNamespace, _ host: String) async throws {
        let result = try await network.run(
            #"exec "$SERVER" serve --demo --host "$HOST""#,
            environment: ["SERVER": try serverBinary().path, "HOST": host]
        )
        #expect(result.status == 69, "\(result.output)")
        #expect(result.output.contains("cannot listen on \(host), port 9082"), "\(result.output)")
        #expect(result.output.contains("this machine does not have that address"), "\(result.output)")
    }

    private func expectAnswers(at hosts: [String], in network: NetworkNamespace, with flags: String = "") async throws {
        try await TemporaryFolder.with { folder in
            let result = try await network.run(
                Self.script,
                environment: [
                    "SERVER": try serverBinary().path, "HOSTS": hosts.joined(separator: " "), "FLAGS": flags,
                    "LOG": folder.path("log"),
                ]
            )
            let expected = hosts.map {
                "http://\($0):8082/plugin.wasm.sha256 200\nhttp://\($0):9082/readyz 200\n"
            }
            #expect(result.status == 0 && result.output == expected.joined(), "\(result.output)")
        }
    }
}
