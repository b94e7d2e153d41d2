// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPService
import Metrics
import ModuleCatalog
import TestSupport
import Testing

@testable import Operations

@Suite("The probes")
struct OperationsServiceTests {
    private let readiness = Readiness()

    @Test("of a server that is starting: alive, neither started nor ready")
    func starting() {
        #expect(statuses() == [200, 503, 503])
    }

    @Test("of a server that serves everything: all well")
    func serving() throws {
        readiness.begin(serving: try snapshot([WasmModule.plugin]))
        #expect(statuses() == [200, 200, 200])
    }

    @Test("of a server that rejected a module: not ready, and why")
    func rejected() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(WasmModule.plugin, to: "good.wasm")
            let bad = try folder.write(Array("<html>".utf8), to: "bad.wasm")
            readiness.begin(serving: try Catalog(sources: [.path(folder.path)], maximumModuleSize: 100).load())
            #expect(statuses() == [200, 200, 503])
            #expect(respond("/readyz").text.contains(bad))
            #expect(
                report("/readyz", "verbose").contains("[-]modules failed: Not every module is valid: \(bad)")
            )
        }
    }

    @Test("of a server that rejects a module later: ready, and what it rejected")
    func rejectedLater() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(WasmModule.plugin, to: "good.wasm")
            let catalog = Catalog(sources: [.path(folder.path)], maximumModuleSize: 100)
            // Nothing is served yet, so nothing can make it ready.
            readiness.serve(try catalog.load())
            #expect(statuses() == [200, 503, 503])
            readiness.begin(serving: try catalog.load())
            let bad = try folder.write(Array("<html>".utf8), to: "bad.wasm")
            readiness.serve(try catalog.load())
            #expect(statuses() == [200, 200, 200])
            let verbose = report("/readyz", "verbose")
            #expect(verbose.contains("[+]modules ok"))
            #expect(verbose.contains("[-]sources failed: Not every module is valid: \(bad)"))
        }
    }

    @Test("of a server that shuts down: not ready at once, still alive")
    func draining() throws {
        readiness.begin(serving: try snapshot([WasmModule.plugin]))
        readiness.drain()
        #expect(statuses() == [200, 200, 503])
    }

    @Test("tell what they looked at, as Kubernetes' own components do, and answer the same")
    func verbose() async throws {
        #expect(report("/livez", "verbose") == "200 [+]ping ok|livez check passed")
        #expect(
            report("/startupz", "verbose") == "503 [-]startup failed: The server is starting.|startupz check failed"
        )
        readiness.begin(serving: try snapshot([WasmModule.plugin]))
        let passed = "200 [+]startup ok|[+]modules ok|[+]shutdown ok|[+]sources ok|readyz check passed"
        #expect(report("/readyz", "verbose") == passed)
        #expect(report("/readyz", "verbose=1") == passed)
        #expect(report("/readyz", "a=b&verbose") == passed)
        #expect(report("/readyz", "verbosely") == "200 ok")
        readiness.drain()
        #expect(
            report("/readyz", "verbose") == """
                503 [+]startup ok|[+]modules ok|[-]shutdown failed: The server is shutting down.|[+]sources ok|readyz check failed
                """
        )
        #expect(report("/startupz", "verbose") == "200 [+]startup ok|startupz check passed")
    }

    @Test("report what does not make the server unready, on one line each")
    func details() throws {
        readiness.begin(serving: try snapshot([WasmModule.plugin]))
        readiness.report("tls", problem: "tls.crt:\n  expired\r\n[+]forged ok")
        readiness.report("accepting", problem: nil)
        let decided = "200 [+]startup ok|[+]modules ok|[+]shutdown ok|[+]sources ok"
        #expect(
            report("/readyz", "verbose") == """
                \(decided)|[+]accepting ok|[-]tls failed: tls.crt: expired [+]forged ok|readyz check passed
                """
        )
        #expect(report("/readyz", nil) == "200 ok")
        readiness.report("tls", problem: nil)
        #expect(report("/readyz", "verbose") == "\(decided)|[+]accepting ok|[+]tls ok|readyz check passed")
    }

    @Test("stay unready once a shutdown has begun, whatever is loaded then")
    func reloadWhileDraining() throws {
        readiness.drain()
        readiness.begin(serving: try snapshot([WasmModule.plugin]))
        #expect(statuses() == [200, 200, 503])
    }

    @Test("share their port with the metrics")
    func metrics() async throws {
        let registry = PrometheusRegistry()
        let service = OperationsService(readiness: readiness, documents: ["/metrics": MetricsDocument(of: registry)])
        let response = await service.answer(to: Request(method: .get, path: "/metrics", query: "a"))
        #expect(response.head.status == .ok)
        // prometheus.io, "Exposition formats", "Basic info".
        #expect(response.head["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(response.head["content-length"] == "\(response.body.count)")
        #expect(response.text == Scrape(registry).text)
    }

    @Test("share it with metrics that are not written anew while pages that are being sent take too much")
    func pages() async {
        let registry = PrometheusRegistry()
        let service = OperationsService(readiness: readiness, documents: ["/metrics": MetricsDocument(of: registry)])
        let request = Request(method: .get, path: "/metrics")
        // Two pages of it are more than 16 MiB.
        let meter = Meter(label: "m", dimensions: [("x", String(repeating: "a", count: 9 << 20))], factory: registry)
        var held: [Response] = []
        for value in 1...3 {
            meter.set(value)
            held.append(await service.answer(to: request))
        }
        #expect(held.map(Self.value) == ["1", "2", "2"])
        held = []
        #expect(Self.value(in: await service.answer(to: request)) == "3")
    }

    /// What stands behind the labels of the first family, which are long.
    private static func value(in page: Response) -> String? {
        page.text.suffix(400).firstMatch(of: /\} (\d+)\n/).map { String($0.1) }
    }

    @Test("and the metrics are the only thing on their port, which is read-only")
    func others() async {
        #expect(respond("/plugin.wasm").head.status == .notFound)
        for path in ["/livez", "/readyz", "/startupz", "/metrics"] {
            #expect(respond("/").text.contains(path))
        }
        let service = OperationsService(
            readiness: readiness,
            documents: ["/metrics": MetricsDocument(of: PrometheusRegistry())]
        )
        let post = Request(method: .other("POST"), path: "/livez")
        #expect(await service.answer(to: post).head.status == .methodNotAllowed)
    }

    @Test("name a hundred of what was rejected and say how many more there are, however many those are")
    func manyRejected() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(WasmModule.plugin, to: "good.wasm")
            for number in 0..<300 { try folder.link("\(number).wasm", to: "/dev/null") }
            readiness.begin(serving: try Catalog(sources: [.path(folder.path)], maximumModuleSize: 100).load())
            let text = respond("/readyz").text
            #expect(text.ranges(of: "leads out of").count == 100)
            #expect(text.contains("and 200 more"))
        }
    }

    @Test("are written once: whoever asks gets the same bytes, until something changes")
    func rendered() throws {
        readiness.begin(serving: try snapshot([WasmModule.plugin]))
        let (first, second) = (readiness.answer(.ready, isVerbose: true), readiness.answer(.ready, isVerbose: true))
        guard case .bytes(let bytes) = first.body, case .bytes(let others) = second.body else {
            Issue.record("the answers have content")
            return
        }
        #expect(bytes.isSame(as: others))
    }

    @Test("say that connections wait, for as long as they do, which does not make the server unready")
    func accepting() throws {
        readiness.begin(serving: try snapshot([WasmModule.plugin]))
        let observer = AcceptingReport(on: .data, to: readiness)
        #expect(report("/readyz", "verbose").contains("[+]accepting-data ok"))
        observer.connectionChanged(.acceptingPaused(.connectionLimit), .init())
        #expect(report("/readyz", "verbose").hasPrefix("200 "))
        #expect(report("/readyz", "verbose").contains("[-]accepting-data failed: There are as many connections"))
        observer.connectionChanged(.acceptingResumed, .init())
        #expect(report("/readyz", "verbose").contains("[+]accepting-data ok"))
    }

    @Test(
        "cost the event loop that accepts connections next to nothing, whatever there is to tell",
        .timeLimit(.minutes(5))
    )
    func pauses() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(WasmModule.plugin, to: "good.wasm")
            let catalog = Catalog(sources: [.path(folder.path)], maximumModuleSize: 100)
            readiness.begin(serving: try catalog.load())
            let name = String(repeating: "n", count: 200)
            for number in 0..<100 { try folder.link("\(name)\(number).wasm", to: "/dev/null") }
            readiness.serve(try catalog.load())
            let observer = AcceptingReport(on: .data, to: readiness)
            for _ in 0..<5000 {
                observer.connectionChanged(.acceptingPaused(.connectionLimit), .init())
                observer.connectionChanged(.acceptingResumed, .init())
            }
            observer.connectionChanged(.acceptingPaused(.connectionLimit), .init())
            let verbose = report("/readyz", "verbose")
            #expect(verbose.contains("[-]accepting-data failed: There are as many connections"))
            #expect(verbose.ranges(of: "leads out of").count == 100)
        }
    }

    /// The status and the text of an answer, with its lines joined by bars.
    private func report(_ path: String, _ query: String?) -> String {
        let response = respond(path, query)
        return "\(response.head.status.rawValue) \(response.text.split(separator: "\n").joined(separator: "|"))"
    }

    private func statuses() -> [Int] {
        ["/livez", "/startupz", "/readyz"].map { respond($0).head.status.rawValue }
    }

    private func respond(_ path: String, _ query: String? = nil) -> Response {
        let service = OperationsService(
            readiness: readiness,
            documents: ["/metrics": MetricsDocument(of: PrometheusRegistry())]
        )
        guard
            case .now(let response) = service.respond(
                to: Request(method: .get, path: path, query: query),
                from: .example
            )
        else { return .text("later") }
        return response
    }

    private func snapshot(_ modules: [[UInt8]]) throws -> Snapshot {
        try Catalog(sources: modules.map { .embedded(.plugin, $0) }, maximumModuleSize: 100).load()
    }
}

extension OperationsService {
    /// The answer, be it there at once or not.
    fileprivate func answer(to request: Request) async -> Response {
        switch respond(to: request, from: .example) {
        case .now(let response): response
        case .later(let deferred):
            await withCheckedContinuation { continuation in
                deferred.whenDelivered { continuation.resume(returning: $0) }
            }
        }
    }
}

extension Response {
    fileprivate var text: String {
        guard case .bytes(let bytes) = body else { return "" }
        return String(decoding: bytes.array, as: UTF8.self)
    }
}
