// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import ServerInterface
import Testing

@testable import StatusPage

@Suite("What a person should know")
struct FindingsTests {
    private static let nobody = FleetDocument.Counts(current: 0, behind: 0, missing: 0, failed: 0)

    private func findings(
        problems: [(check: String, text: String, isDecisive: Bool)] = [],
        _ index: ModuleIndex = ModuleIndex([.served("/a.wasm")]),
        _ fleet: FleetDocument? = nil,
        _ certificates: CertificatesDocument = .none,
        _ peers: PeersDocument = .none,
        warnings: [String] = []
    ) -> Findings {
        Findings(problems: problems, index, fleet, certificates, peers, warnings: warnings, now: now)
    }

    @Test("is nothing where all is well")
    func well() {
        #expect(findings().all.isEmpty)
        #expect(findings().level == .ok)
    }

    @Test("begins with why the server is not ready")
    func unready() {
        let found = findings(
            problems: [("tls", "cannot be loaded", false), ("startup", "The server is starting.", true)],
            ModuleIndex([.served("/a.wasm", fetched: nil)])
        )
        #expect(found.all.map(\.level) == [.failing, .attention, .note])
        #expect(found.all.map(\.subject) == ["startup", "tls", "a"])
        #expect(found.all[1].view == "/certificates")
        #expect(found.level == .failing)
    }

    @Test("names what is rejected once, as failing if the server is not ready for it")
    func rejected() {
        let index = ModuleIndex([.served("/a.wasm"), .rejected("/b.wasm", because: "is text")])
        let start = findings(problems: [("modules", "Not every module is valid: …", true)], index)
        #expect(start.all.map(\.subject) == ["/b.wasm"])
        #expect(start.level == .failing)
        let later = findings(problems: [("sources", "Not every module is valid: …", false)], index)
        #expect(later.all.map(\.subject) == ["/b.wasm"])
        #expect(later.all.map(\.text) == ["is rejected, and whoever asks for it gets 503: is text"])
        #expect(later.level == .attention)
    }

    @Test("says that what was served before is served on, where it is")
    func lastGood() {
        let index = ModuleIndex([.served("/a.wasm"), .rejected("/a.wasm", because: "is text")])
        #expect(findings(index).all.map(\.text) == ["is rejected, and what was served before is served on: is text"])
    }

    @Test("is told of a few modules one by one, and of the rest in one line")
    func many() {
        let index = ModuleIndex((1...20).map { .rejected("/\($0).wasm", because: "is text") })
        #expect(findings(index).all.count == 6)
        #expect(findings(index).all.last?.subject == "15 more modules")
    }

    @Test("is that gateways failed, before that they are behind")
    func gateways() {
        let found = findings(
            ModuleIndex([.served("/a.wasm")]),
            .of("/a.wasm", .init(current: 3, behind: 2, missing: 1, failed: 1))
        )
        #expect(found.all.map(\.level) == [.failing, .attention])
        #expect(
            found.all.map(\.view) == ["/fleet?state=failed&module=%2Fa.wasm", "/fleet?state=behind&module=%2Fa.wasm"]
        )
        #expect(found.all[0].text.hasPrefix("1 gateway "))
        #expect(found.all[1].text.hasPrefix("2 gateways "))
    }

    @Test("is that a gateway asks for what is not here: it is configured for something else")
    func lost() {
        let client = FleetDocument.Client.called("192.0.2.1", state: "failed", module: nil)
        let found = findings(ModuleIndex([.served("/a.wasm")]), .of("/a.wasm", Self.nobody, clients: [client]))
        #expect(found.all.map(\.level) == [.attention])
        #expect(found.all.map(\.subject) == ["1 client"])
    }

    // The alerts WasmServerCertificateExpires (7 days) and WasmServerCertificateExpired (1 day) are about the same.
    @Test(
        "is that a certificate is near its end, when the alerts say so",
        arguments: [
            ("2026-12-08T12:00:00Z", StatusDocument.Level.ok), ("2026-12-07T11:59:59Z", .attention),
            ("2026-12-01T12:00:01Z", .attention), ("2026-12-01T11:59:59Z", .failing),
            ("2026-11-30T11:00:00Z", .failing),
        ]
    )
    func certificates(expires: String, level: StatusDocument.Level) {
        #expect(findings(ModuleIndex([.served("/a.wasm")]), nil, .expiring(expires)).level == level)
    }

    @Test(
        "is that a certificate has expired, also where the files cannot be loaded; what lives for hours is not late with hours left"
    )
    func expired() {
        let index = ModuleIndex([.served("/a.wasm")])
        let expired = findings(index, nil, .expiring("2026-11-30T11:59:00Z", problem: "the key does not match"))
        #expect(expired.level == .failing)
        #expect(
            expired.all.map(\.text) == ["the certificate expired 60 s ago; nobody who verifies it connects any more"]
        )
        #expect(findings(index, nil, .expiring("2026-12-01T11:00:00Z", since: "2026-11-30T11:59:00Z")).level == .ok)
        #expect(
            findings(index, nil, .expiring("2026-11-30T12:30:00Z", since: "2026-11-30T00:00:00Z")).level == .failing
        )
    }

    @Test("is that clients reject a certificate, and which file's authority expires")
    func authorities() {
        let certificates = CertificatesDocument.expiring(
            "2027-11-30T12:00:00Z",
            remarks: [
                .init("it has no subject alternative name", isRejection: true),
                .init("it leads to a root", isRejection: false),
            ],
            authorities: [
                .init(file: "a.crt", expires: "2027-01-01T00:00:00Z"),
                .init(file: "b.crt", expires: "2026-11-30T18:00:00Z"),
            ]
        )
        let found = findings(ModuleIndex([.served("/a.wasm")]), nil, certificates)
        #expect(found.all.map(\.subject) == ["b.crt", "/tls/tls.crt"])
        #expect(found.all.map(\.level) == [.failing, .attention])
    }

    @Test("is that a module is no longer served by name, though its bytes are kept")
    func gone() {
        var kept = ModuleIndex.Entry(.admitted, .kept, source: "/srv/b.wasm")
        (kept.path, kept.digestPath) = ("/b.wasm", "/sha256/x.wasm")
        let found = findings(ModuleIndex([.served("/a.wasm"), kept]))
        #expect(found.all.map(\.subject) == ["/b.wasm"])
        #expect(found.level == .ok)
        var former = kept
        former.path = "/a.wasm"
        #expect(findings(ModuleIndex([.served("/a.wasm"), former])).all.isEmpty)
    }

    @Test(
        "is that a peer does not answer, and that one does not tell of its clients; not of one that is gone, where nobody fetches"
    )
    func peers() {
        let peers = PeersDocument(
            names: [.init("peers.example", failure: nil)],
            peers: [
                .init(
                    address: "192.0.2.1:8082",
                    state: "gone",
                    digests: nil,
                    lastListed: nil,
                    failure: "cannot be reached"
                ),
                .init(address: "192.0.2.2:8082", state: "silent", digests: 3, lastListed: now, failure: "stalled"),
                .init(address: "192.0.2.3:8082", state: "told", digests: 3, lastListed: now, failure: nil),
            ],
            replicas: [
                .init(address: "192.0.2.1:9082", state: "gone", lastTold: nil, failure: "cannot be reached"),
                .init(address: "192.0.2.2:9082", state: "silent", lastTold: nil, failure: "stalled"),
            ]
        )
        let found = findings(ModuleIndex([.served("/a.wasm")]), nil, .none, peers)
        #expect(found.all.map(\.subject) == ["192.0.2.1:8082", "192.0.2.2:8082", "192.0.2.2:9082"])
        #expect(found.level == .attention)
    }

    @Test("is that a name leads to no peer, and that a variable is ignored")
    func names() {
        let peers = PeersDocument(
            names: [.init("nosuch.invalid", failure: "there is no nosuch.invalid")],
            peers: [],
            replicas: []
        )
        let found = findings(
            ModuleIndex([.served("/a.wasm")]),
            nil,
            .none,
            peers,
            warnings: ["WASM_SERVER_PROT is ignored"]
        )
        #expect(found.all.map(\.level) == [.attention, .note])
        #expect(found.all.map(\.subject) == ["nosuch.invalid", "settings"])
    }

    @Test("counts what is rejected and not named, too")
    func unnamed() {
        let entries = (1...100).map { ModuleIndex.Entry.rejected("/\($0).wasm", because: "is text") }
        let index = ModuleIndex(instance: "i", gateways: [], modules: entries, rejectedCount: 300)
        #expect(findings(index).all.last?.subject == "295 more modules")
    }
}
