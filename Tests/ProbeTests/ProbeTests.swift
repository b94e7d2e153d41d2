// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import ServerClient
import Synchronization
import TestSupport
import Testing

@testable import Probe

@Suite("A probe", .timeLimit(.minutes(5)))
struct ProbeTests {
    private static let module = WasmModule.plugin
    private static let other = WasmModule.ofSize(100)

    /// Something wrong, and the words by which it is told.
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let words: [String]
        let change: @Sendable (String, inout Stranger.Answer) -> Void
    }

    private static let faults = [
        Fault(testDescription: "a redirect", words: ["302", "no redirect"]) { path, answer in
            if path.hasPrefix("/plugin.wasm") { answer = .init(status: 302, fields: [("location", "/x.wasm")]) }
        },
        Fault(testDescription: "an empty module", words: ["no content", "empty"]) { path, answer in
            if path.hasSuffix(".wasm") { answer.body = [] }
        },
        Fault(testDescription: "a coding that nobody asked for", words: ["coding gzip", "decodes nothing"]) {
            path,
            answer in
            if path.hasSuffix(".wasm") { answer.fields.append(("content-encoding", "gzip")) }
        },
        Fault(testDescription: "other bytes than announced", words: ["not the announced one"]) { path, answer in
            if path.hasSuffix(".wasm") { answer.body = other }
        },
        Fault(testDescription: "a digest in capitals", words: ["64 lowercase"]) { path, answer in
            if path.hasSuffix(".sha256") { answer.body = Array("\(Digest(of: module))\n".uppercased().utf8) }
        },
        Fault(testDescription: "a torn answer", words: ["before its answer was complete"]) { path, answer in
            if path.hasSuffix(".wasm") { answer.length = 1000 }
        },
        Fault(testDescription: "something else than WebAssembly", words: ["an HTML page", "curl -f"]) { path, answer in
            if path.hasSuffix(".wasm") { answer.body = Array("<html>".utf8) }
            if path.hasSuffix(".sha256") { answer.body = Array("\(Digest(of: Array("<html>".utf8)))\n".utf8) }
        },
        // RFC 9110 §15.2.2; the only interim answer that no other follows.
        Fault(testDescription: "another protocol", words: ["is answered with 101"]) { path, answer in
            if path == "/plugin.wasm" {
                answer = .init(status: 101, fields: [("upgrade", "x"), ("connection", "upgrade")])
            }
        },
        Fault(testDescription: "no digest's URL", words: ["by its digest", "404"]) { path, answer in
            if path.hasPrefix("/sha256/") { answer = .init(status: 404) }
        },
        Fault(testDescription: "a rejected module", words: ["is rejected: it is too old", "503"]) { path, answer in
            if path == "/modules" { answer.body = Array(list(module, besides: rejected).utf8) }
        },
    ]

    @Test("tells what is wrong", arguments: faults)
    func fault(_ fault: Fault) async throws {
        let results = try await Self.probe { path in
            var answer = Self.rightAnswer(path, serving: Self.module)
            fault.change(path, &answer)
            return answer
        }
        for word in fault.words {
            let told = results.filter { $0.verdict == .failed && $0.remedy != nil }
            #expect(told.contains { "\($0)".contains(word) }, "\(word) is not told in \(results)")
        }
    }

    @Test("has nothing against a server that is right, but that it speaks no HTTP/2 and knows no TLS")
    func right() async throws {
        let results = try await Self.probe { Self.rightAnswer($0, serving: Self.module) }
        let wrong = results.filter { $0.verdict != .ok }
        #expect(wrong.map(\.verdict) == [.failed, .warning])
        #expect("\(wrong[0])".contains("does not speak HTTP/2"))
        #expect("\(wrong[1])".contains("TLS on the plain port"))
    }

    @Test("names in each check who would take no other status than 200 there")
    func takers() async throws {
        let results = try await Self.probe { path in
            path == "/plugin.wasm" ? .init(status: 404) : Self.rightAnswer(path, serving: Self.module)
        }
        let told = Dictionary(
            results.filter { $0.detail.contains("404") }.map { ($0.subject, $0.remedy.map { "\($0)" } ?? "") },
            uniquingKeysWith: { first, _ in first }
        )
        let envoy = told.filter { $0.key.hasSuffix("HTTP/1.1, as Envoy asks") }.map(\.value)
        #expect(envoy.count == 1 && envoy[0].contains("Envoy accepts only 200"))
        let agents = told.filter { $0.key.hasSuffix("as istio-agent and Envoy Gateway ask") }.map(\.value)
        #expect(agents.count == 1 && agents[0].contains("istio-agent and Envoy Gateway accept only 200"))
    }

    @Test("checks a stranger's bytes, and tells that it is one")
    func stranger() async throws {
        let results = try await Self.probe { path in
            path == "/modules" || path.hasSuffix(".sha256")
                ? Stranger.Answer(status: 404) : Self.rightAnswer(path, serving: Self.module)
        }
        #expect(results.contains { $0.verdict == .warning && $0.detail.contains("not a Wasm Server") })
        #expect(results.contains { $0.verdict == .ok && $0.subject.contains("as Envoy asks") })
    }

    @Test("tells when replicas differ, and when one does not have what another announces")
    func skew() async throws {
        let results = try await Stranger.with({ Self.rightAnswer($0, serving: Self.module) }) { one in
            try await Stranger.with({ Self.rightAnswer($0, serving: Self.other) }) { other in
                try await Self.probe(at: [one, other])
            }
        }
        #expect(results.contains { $0.verdict == .warning && $0.detail.contains("2 versions") })
        let missing = results.filter { $0.verdict == .failed && $0.remedy == .introduceReplicas }
        #expect(missing.count == 2)
    }

    @Test("warns of a rejected module where the one before it is still served")
    func rejectedUpdate() async throws {
        let results = try await Self.probe { path in
            path == "/modules"
                ? Stranger.Answer(body: Array(Self.list(Self.module, besides: Self.rejectedUpdate).utf8))
                : Self.rightAnswer(path, serving: Self.module)
        }
        let told = results.filter { $0.detail.contains("is rejected: it is cut short") }
        #expect(told.map(\.verdict) == [.warning])
        let effect = "put a good module in its place; until then gateways still get the one before it"
        #expect(told.first?.remedy == .words(effect))
    }

    // What Envoy takes: `kBufferLimitForResponse` in `async_client_impl.h`.
    @Test("fails for Envoy, and warns those who fetch for it, if a module is larger than Envoy takes")
    func tooLarge() async throws {
        let large = WasmModule.ofSize(32 << 20 + 1)
        let results = try await Self.probe { Self.rightAnswer($0, serving: large) }
        let told = results.filter { $0.detail.contains("\(large.count) bytes") }
        #expect(told.first { $0.subject.contains("as Envoy asks") }?.verdict == .failed)
        #expect(told.first { $0.subject.contains("as istio-agent") }?.verdict == .warning)
        #expect(told.first { $0.subject.contains("by its digest") }?.verdict == .ok)
    }

    @Test("names the nearest modules instead of one that there is not, and what is rejected")
    func unknown() async throws {
        let answer: @Sendable (String) -> Stranger.Answer = { path in
            path == "/modules"
                ? Stranger.Answer(body: Array(Self.list(Self.module, besides: Self.rejected).utf8))
                : Self.rightAnswer(path, serving: Self.module)
        }
        for (path, words) in [
            ("/plugni.wasm", "the nearest is /plugin.wasm"), ("/other-name.wasm", "it serves /plugin.wasm"),
            ("/x.wasm", "is rejected"),
        ] {
            let failures = try await Self.probe(path, answer).filter { $0.verdict == .failed }
            #expect(failures.count == 1, "\(failures)")
            #expect("\(failures)".contains(words), "\(failures)")
        }
    }

    @Test("fails where strangers differ, which nobody can ask by digest")
    func strangersDiffer() async throws {
        let results = try await Stranger.with({ Self.strangersAnswer($0, serving: Self.module) }) { one in
            try await Stranger.with({ Self.strangersAnswer($0, serving: Self.other) }) { other in
                try await Self.probe(at: [one, other])
            }
        }
        #expect(results.contains { $0.verdict == .failed && $0.detail.contains("2 versions") })
    }

    @Test(
        "comes to what its verdicts say, and never to everything being well where replicas differ",
        arguments: [
            ([.ok], true, .ok), ([.ok, .warning], true, .warning), ([.ok, .skipped], true, .warning),
            ([.ok, .warning], false, .byDigestOnly), ([.ok, .failed, .warning], false, .failed),
            ([.failed], true, .failed),
        ] as [(Set<ProbeResult.Verdict>, Bool, Probe.Outcome)]
    )
    func outcome(_ verdicts: Set<ProbeResult.Verdict>, _ areAlike: Bool, _ outcome: Probe.Outcome) {
        #expect(Probe.Outcome(of: verdicts, areAlike: areAlike) == outcome)
    }

    @Test("names the operations port of a server, instead of what it does not find there")
    func operationsPort() async throws {
        let results = try await Self.probe { path in
            path == "/metrics"
                ? Stranger.Answer(body: Array("wasm_server_build_info 1\n".utf8)) : Stranger.Answer(status: 404)
        }
        let failed = results.filter { $0.verdict != .ok }
        #expect(failed.count == 1)
        #expect(failed.first?.detail.hasPrefix("is the operations port of a Wasm Server") == true)
    }

    // RFC 9457 §3.1: what this server answers, once for every path; and what Envoy answers whom its policy denies.
    @Test("says why it is denied: by the server, or by a proxy in between")
    func denied() async throws {
        let problem = #"{"type":"about:blank","title":"Forbidden","status":403,"detail":"This client is not allowed."}"#
        let own = try await Self.probe { _ in
            let fields = [("content-type", "application/problem+json")]
            return Stranger.Answer(status: 403, fields: fields, body: Array(problem.utf8))
        }
        let told = own.filter { $0.verdict != .ok }
        #expect(told.count == 1)
        #expect(told.first?.detail == "is answered with 403: This client is not allowed")
        #expect(told.first?.remedy == .allowClient)
        let others = try await Self.probe { _ in
            let fields = [("content-type", "text/plain"), ("server", "istio-envoy")]
            return Stranger.Answer(status: 403, fields: fields, body: Array("RBAC: access denied".utf8))
        }
        let denials = others.filter { $0.detail == "is answered with 403: RBAC: access denied" }
        #expect(!denials.isEmpty)
        let remedy: Remedy = "a proxy in between denies it: check its authorization policies"
        #expect(denials.allSatisfy { $0.remedy == remedy })
    }

    @Test("gives up on an answer that does not come")
    func silence() async throws {
        let results = try await Self.probe(timeout: .milliseconds(100)) { _ in nil }
        #expect(results.contains { $0.verdict == .failed && $0.detail.contains("in time") })
    }

    // MARK: Pieces

    private static let rejected =
        #", {"verdict": "rejected", "source": "x", "path": "/x.wasm", "reason": "is too old"}"#

    private static let rejectedUpdate =
        #", {"verdict": "rejected", "source": "x", "path": "/plugin.wasm", "reason": "is cut short"}"#

    private static func list(_ module: [UInt8], besides others: String = "") -> String {
        let digest = Digest(of: module)
        return """
            {"modules": [{"verdict": "admitted", "state": "current", "source": "x", "path": "/plugin.wasm",
             "sha256": "\(digest)", "digestPath": "/sha256/\(digest).wasm", "size": \(module.count)}\(others)]}
            """
    }

    private static func rightAnswer(_ path: String, serving module: [UInt8]) -> Stranger.Answer {
        let digest = Digest(of: module)
        return switch path {
        case "/modules": Stranger.Answer(body: Array(list(module).utf8))
        case "/plugin.wasm", "/plugin.wasm?v=1", "/sha256/\(digest).wasm": Stranger.Answer(body: module)
        case "/plugin.wasm.sha256": Stranger.Answer(body: Array("\(digest)\n".utf8))
        default: Stranger.Answer(status: 404)
        }
    }

    private static func strangersAnswer(_ path: String, serving module: [UInt8]) -> Stranger.Answer {
        path == "/modules" ? Stranger.Answer(status: 404) : rightAnswer(path, serving: module)
    }

    private static func probe(
        _ path: String? = nil,
        timeout: Duration = .seconds(10),
        _ answer: @escaping @Sendable (String) -> Stranger.Answer?
    ) async throws -> [ProbeResult] {
        try await Stranger.with(answer) { try await probe(path, at: [$0], timeout: timeout) }
    }

    private static func probe(
        _ path: String? = nil,
        at strangers: [Stranger],
        timeout: Duration = .seconds(10)
    ) async throws -> [ProbeResult] {
        let collected = Mutex<[ProbeResult]>([])
        let results = Results { result in collected.withLock { $0.append(result) } }
        let client = ServerClient(try Origin("http://127.0.0.1:1"), timeout: timeout)
        _ = await Probe(client, of: path) { _ in }.run(at: strangers.map(\.address), results)
        return collected.withLock { $0 }
    }
}
