// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import ServerInterface
import Testing

@testable import StatusPage

@Suite("A view")
struct ViewTests {
    private static let index = ModuleIndex([.served("/a.wasm")])

    private func text(_ page: Page, _ status: StatusDocument = .of(index), _ query: String? = nil) -> String {
        String(decoding: page.document(status, PageQuery(path: "/x", query: query)), as: UTF8.self)
    }

    private func text(module document: ModuleDocument, _ query: String? = nil, host: String? = "wasm.example:9082")
        -> String
    {
        let view = ModuleView(
            document,
            ports: [ModulePort(isSecure: false, number: 8082)],
            askedAs: host.flatMap(RequestAuthority.init),
            now: now
        )
        let query = PageQuery(path: "/modules/a.wasm", query: query)
        return String(decoding: view.page(query).document(.of(Self.index), query), as: UTF8.self)
    }

    @Test("says in its first line how the server is")
    func status() {
        let well = text(
            SettingsView(SettingsDocument(settings: [], warnings: [])).page(PageQuery(path: "/x", query: nil))
        )
        #expect(well.contains("<strong>All is well.</strong> Serving 1 module, each verified by its SHA-256."))
        let index = ModuleIndex([.rejected("/a.wasm", because: "is text")])
        let page = StatusView(.of(index, isReady: false), nil).page(PageQuery(path: "/", query: nil))
        #expect(text(page, .of(index)).contains("<strong>Needs attention.</strong> Nothing is served. 1 rejected."))
    }

    @Test("shows what clients, files and peers have said as text, whatever it is")
    func hostile() {
        let hostile = "\"><script>alert(1)</script><img src=x onerror=alert(1)>\u{1b}[2J\u{202e}"
        let query = PageQuery(
            path: "/x",
            query: "q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&sort=%3Cscript%3E&host=%3Cscript%3E"
        )
        var served = ModuleIndex.Entry.served("/a.wasm")
        (served.name, served.source, served.version) = (hostile, hostile, hostile)
        let index = ModuleIndex([served, .rejected("/b.wasm", because: hostile)])
        let fleet = FleetDocument.of(
            "/a.wasm",
            .init(current: 1, behind: 1, missing: 1, failed: 1),
            clients: (1...5).map { .called("\(hostile)\($0)", userAgent: hostile, module: hostile) },
            replicas: [.init(address: hostile, state: hostile, lastTold: nil, failure: hostile)]
        )
        let peer = PeersDocument.Peer(
            address: hostile,
            state: "silent",
            digests: 1,
            lastListed: hostile,
            failure: hostile
        )
        let peers = PeersDocument(names: [.init(hostile, failure: hostile)], peers: [peer], replicas: fleet.replicas)
        let setting = SettingsDocument.Setting(name: hostile, value: hostile, givenBy: hostile, purpose: hostile)
        let module = ModuleDocument(
            module: served,
            capabilities: [.init("unknown", description: hostile, imports: [hostile])],
            callbacks: [.init(hostile, description: hostile)]
        )
        let pages = [
            StatusView(.of(index, fleet), fleet).page(query), FleetView(fleet).page(query),
            PeersView(peers, now: now).page(query),
            CertificatesView(.expiring(hostile, problem: hostile), now: now).page(query),
            SettingsView(SettingsDocument(settings: [setting, setting, setting, setting], warnings: [hostile])).page(
                query
            ),
            ModuleView(module, ports: [ModulePort(isSecure: true, number: 8443)], askedAs: nil, now: now).page(query),
            ModuleView.missing(hostile),
        ]
        for page in pages {
            let text = String(decoding: page.document(.of(index, fleet), query), as: UTF8.self)
            // The one script is the page's own.
            #expect(text.ranges(of: "<script").count == 1, "\(page.title)")
            #expect(!text.contains("<img"))
            #expect(!text.unicodeScalars.contains { $0 == "\u{1b}" || $0 == "\u{202e}" })
        }
    }

    @Test("has no more than 60 KB, with any number of clients and of modules")
    func size() {
        let paths = (1...4096).map { "/team-\($0)/a-plugin-with-a-name-of-some-length/1.2.\($0)/plugin.wasm" }
        let index = ModuleIndex(paths.map { .served($0) })
        let userAgent = "a-gateway/1.2.3 (" + String(repeating: "x", count: 100) + ")"
        let clients = (1...16_384).map { number in
            FleetDocument.Client.called(
                "spiffe://cluster.local/ns/gateways-\(number)/sa/istio-ingressgateway",
                userAgent: userAgent,
                module: paths[number % paths.count]
            )
        }
        let fleet = FleetDocument(
            instance: "i",
            time: now,
            modules: paths.map { path in
                .init(
                    path: path,
                    sha256: String(repeating: "ab", count: 32),
                    since: now,
                    gateways: .init(current: 4, behind: 1, missing: 1, failed: 1)
                )
            },
            clients: clients,
            omitted: 1,
            forgotten: 1,
            replicas: []
        )
        let status = StatusDocument.of(index, fleet)
        let query = PageQuery(path: "/", query: "sort=state")
        for page in [StatusView(status, fleet).page(query), FleetView(fleet).page(query)] {
            #expect(page.document(status, query).count <= 60_000, "\(page.title)")
        }
    }

    @Test("of a module fills in the name that gateways have for the server, at the port of modules")
    func usage() {
        let document = ModuleDocument(module: .served("/a.wasm"))
        let digest = String(repeating: "ab", count: 32)
        let url = "/sha256/\(digest).wasm"
        #expect(text(module: document).contains("http://wasm.example:8082\(url)"), "as the browser calls it")
        let named = text(module: document, "gateway=istio-wasmplugin&host=wasm-server.kuadrant.svc.cluster.local")
        #expect(named.contains("kind: WasmPlugin"))
        #expect(named.contains("http://wasm-server.kuadrant.svc.cluster.local:8082\(url)"))
        #expect(named.contains("spec.sha256"))
        #expect(text(module: document, "host=other.example:80").contains("http://other.example:80\(url)"))
        let shell = text(module: document, "gateway=shell")
        #expect(shell.contains("curl -sSfo plugin.wasm http://wasm.example:8082\(url)"))
        #expect(shell.contains("echo &#39;\(digest)  plugin.wasm&#39; | sha256sum -c"))
    }

    @Test("of a module cautions where gateways do not reach that name, and asks for one where it is none")
    func caution() {
        let document = ModuleDocument(module: .served("/a.wasm"))
        #expect(
            text(module: document, host: "localhost:9082").contains("to a gateway, localhost is the gateway itself")
        )
        #expect(text(module: document, "host=a%20b").contains("no name or address of a server"))
        #expect(text(module: document, host: nil).contains("no name or address of a server"))
        #expect(!text(module: document, "host=a%20b").contains("apiVersion"))
    }

    @Test("of a module that is rejected says why, and configures nobody")
    func rejected() {
        let text = text(module: ModuleDocument(module: .rejected("/a.wasm", because: "is text, not a module")))
        #expect(text.contains("is text, not a module"))
        #expect(!text.contains("Use it"))
    }

    @Test("tells the clients of one module, of one state, or whose name is looked for")
    func clients() {
        let fleet = FleetDocument.of(
            "/a.wasm",
            .init(current: 1, behind: 1, missing: 0, failed: 1),
            clients: [
                .called("192.0.2.1", state: "failed"), .called("192.0.2.2", state: "behind"), .called("192.0.2.3"),
                .called("192.0.2.4", module: "/b.wasm"),
            ]
        )
        func shown(_ query: String?) -> [String] {
            let query = PageQuery(path: "/fleet", query: query)
            return text(FleetView(fleet).page(query)).matches(of: /192\.0\.2\.(\d)<br>/).map { String($0.1) }
        }
        #expect(shown(nil) == ["1", "2", "3", "4"])
        #expect(shown("state=failed") == ["1"])
        #expect(shown("module=/b.wasm") == ["4"])
        #expect(shown("q=2.3") == ["3"])
        #expect(shown("sort=client&order=desc") == ["4", "3", "2", "1"])
    }
}
