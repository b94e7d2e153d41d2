// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import ServerInterface
import Testing

@testable import wasm_server

@Suite("What `fleet` waits for and prints")
struct FleetCommandTests {
    private static let (old, new) = (Digest(of: [1]), Digest(of: [2]))

    private func client(
        _ name: String,
        _ state: String,
        has digest: Digest?,
        isGateway: Bool = true,
        module: String? = "/plugin.wasm"
    ) -> FleetDocument.Client {
        FleetDocument.Client(
            name,
            identifiedBy: "address",
            kind: "envoy",
            isGateway: isGateway,
            userAgent: nil,
            module: module,
            state: state,
            sha256: digest?.hexadecimal,
            asked: (digest ?? Self.new).hexadecimal,
            first: "2026-11-24T02:31:37Z",
            last: "2026-11-24T02:31:37Z",
            lastSuccess: nil,
            outcome: "whole",
            status: 200,
            protocol: "HTTP/1.1",
            toldBy: nil
        )
    }

    private func fleet(
        _ clients: [FleetDocument.Client],
        replicas: [FleetDocument.Replica] = [],
        omitted: Int = 0,
        counts: FleetDocument.Counts = .init(current: 1, behind: 1, missing: 0, failed: 0)
    ) -> FleetDocument {
        FleetDocument(
            instance: "abc",
            time: "2026-11-24T02:31:37Z",
            modules: [
                .init(
                    path: "/plugin.wasm",
                    sha256: Self.new.hexadecimal,
                    since: "2026-11-24T02:31:37Z",
                    gateways: counts
                )
            ],
            clients: clients,
            omitted: omitted,
            forgotten: 0,
            replicas: replicas
        )
    }

    private func progress(
        _ quantity: RolloutGoal.Quantity,
        _ clients: [FleetDocument.Client],
        digest: Digest? = nil,
        replicas: [FleetDocument.Replica] = []
    ) -> RolloutGoal.Progress {
        RolloutGoal(quantity: quantity, digest: digest, module: "/plugin.wasm")
            .progress(in: fleet(clients, replicas: replicas))
    }

    @Test("is not all, nor a share of all, while a replica does not tell of its clients")
    func silent() {
        let clients = [client("a", "current", has: Self.new)]
        func replica(_ state: String) -> FleetDocument.Replica {
            .init(address: "192.0.2.1:9082", state: state, lastTold: nil, failure: nil)
        }
        for quantity in [RolloutGoal.Quantity.all, .percent(50)] {
            #expect(!progress(quantity, clients, replicas: [replica("silent")]).isReached)
            // Where nobody listens, nobody fetches.
            #expect(progress(quantity, clients, replicas: [replica("gone"), replica("told")]).isReached)
        }
        #expect(progress(.count(1), clients, replicas: [replica("silent")]).isReached)
        #expect(progress(.all, clients, replicas: [replica("silent")]).silent == ["192.0.2.1:9082"])
    }

    @Test(
        "is a number of gateways, a share of them, or all",
        arguments: [
            ("all", .all), ("3", .count(3)), ("95%", .percent(95)), ("100%", .percent(100)), ("0", nil), ("0%", nil),
            ("101%", nil), ("-1", nil), ("1.5", nil), ("", nil), ("%", nil), ("many", nil), ("９", nil),
            ("99999999999999999999", nil),
        ] as [(String, RolloutGoal.Quantity?)]
    )
    func quantity(_ text: String, _ expected: RolloutGoal.Quantity?) {
        #expect(RolloutGoal.Quantity(argument: text) == expected)
    }

    @Test("is reached when so many have the bytes, and never while nobody has come")
    func reached() {
        let three = [
            client("a", "current", has: Self.new), client("b", "current", has: Self.new),
            client("c", "behind", has: Self.old),
        ]
        #expect(!progress(.all, three).isReached)
        #expect(progress(.count(2), three).isReached)
        #expect(!progress(.count(3), three).isReached)
        #expect(progress(.percent(66), three).isReached)
        #expect(!progress(.percent(67), three).isReached)
        #expect(progress(.all, Array(three.prefix(2))).isReached)
        for quantity in [RolloutGoal.Quantity.all, .count(1), .percent(1)] {
            #expect(!progress(quantity, []).isReached)
        }
        #expect(progress(.all, three).others.map(\.client) == ["c"])
    }

    @Test("counts no person, no other module, and nobody who failed last")
    func counted() {
        let clients = [
            client("a", "current", has: Self.new), client("b", "missing", has: Self.old, isGateway: false),
            client("c", "missing", has: Self.old, module: "/other.wasm"), client("d", "failed", has: Self.new),
        ]
        let progress = progress(.all, clients)
        #expect(progress.having == 1 && progress.known == 2)
        #expect(progress.others.map(\.client) == ["d"])
    }

    @Test("is the digest that is named, also one that is not served yet or any more")
    func digest() {
        let clients = [client("a", "current", has: Self.new), client("b", "behind", has: Self.old)]
        #expect(progress(.count(1), clients, digest: Self.old).others.map(\.client) == ["a"])
        #expect(!progress(.count(1), clients, digest: Digest(of: [3])).isReached)
    }

    @Test("counts those, too, who are not listed, as there are too many")
    func omitted() {
        func progress(
            _ quantity: RolloutGoal.Quantity,
            _ clients: [FleetDocument.Client],
            _ counts: FleetDocument.Counts,
            digest: Digest? = nil
        ) -> RolloutGoal.Progress {
            RolloutGoal(quantity: quantity, digest: digest, module: "/plugin.wasm")
                .progress(in: fleet(clients, omitted: 1, counts: counts))
        }
        let (a, old) = (client("a", "current", has: Self.new), client("b", "behind", has: Self.old))
        let current = FleetDocument.Counts(current: 4000, behind: 0, missing: 0, failed: 0)
        let most = FleetDocument.Counts(current: 3999, behind: 1, missing: 0, failed: 0)
        for quantity in [RolloutGoal.Quantity.all, .count(4000), .percent(100)] {
            #expect(progress(quantity, [], current).isReached)
            #expect(progress(quantity, [a], current).isReached)
            #expect(!progress(quantity, [old], most).isReached)
        }
        #expect(progress(.percent(99), [old], most).isReached)
        #expect(progress(.all, [old], most).having == 3999 && progress(.all, [old], most).known == 4000)
        // Who of the others has older bytes, nobody has said.
        #expect(!progress(.all, [old], most, digest: Self.old).isReached)
        #expect(progress(.count(1), [old], most, digest: Self.old).isReached)
        let absurd = FleetDocument.Counts(current: .max, behind: .max, missing: -1, failed: .min)
        #expect(progress(.percent(100), [], absurd).known == .max)
    }

    @Test("cannot steer a terminal, whatever a client or a peer says that it is")
    func printable() {
        let evil = "\u{1b}[31mgateway\n\u{202e}"
        let text = FleetText(layout: .plain).lines(
            of: fleet(
                [client(evil, "current", has: Self.new), client("b", "failed", has: nil, module: nil)],
                replicas: [.init(address: evil, state: "silent", lastTold: nil, failure: evil)]
            ),
            module: nil
        )
        let scalars = text.joined().unicodeScalars
        #expect(
            !scalars.contains { $0.properties.generalCategory == .control || $0.properties.generalCategory == .format }
        )
        #expect(text.contains { $0.contains("gateway") && $0.contains("current") })
    }

    @Test("names each module with its gateways, who asked for something else, and which replicas are silent")
    func lines() {
        let lines = FleetText(layout: .plain).lines(
            of: fleet(
                [client("b", "behind", has: Self.old), client("c", "failed", has: nil, module: nil)],
                replicas: [
                    .init(address: "192.0.2.1:9082", state: "told", lastTold: "2026-11-24T02:31:37Z", failure: nil),
                    .init(address: "192.0.2.2:9082", state: "silent", lastTold: nil, failure: "cannot be reached"),
                ]
            ),
            module: nil
        )
        #expect(lines.first == "/plugin.wasm")
        #expect(lines.contains("  gateways: 1 behind, 1 current"))
        #expect(lines.contains("Asked for what is not served"))
        #expect(lines.contains("  192.0.2.2:9082: has told nothing: cannot be reached"))
        #expect(!lines.contains { $0.contains("192.0.2.1") })
    }
}
