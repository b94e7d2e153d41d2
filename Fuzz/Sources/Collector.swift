// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics
internal import ServerClient
internal import Tracing

extension FuzzTarget {
    /// The URL of a collector, as a person writes it.
    static let collectorEndpoint = FuzzTarget("collector-endpoint") { (text: String) in
        do throws(ServerNameError) {
            let endpoint = try CollectorEndpoint(text)
            let again = try? CollectorEndpoint(endpoint.description)
            require(again?.description == endpoint.description, "\(endpoint) is the same endpoint")
            require(
                endpoint.path.hasPrefix("/") && endpoint.path.hasSuffix("/v1/traces"),
                "\(endpoint.path) is of traces"
            )
            require(
                endpoint.path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f },
                "\(endpoint.path) is one part of a request"
            )
        } catch {
            require(!error.reason.isEmpty && !error.remedy.isEmpty, "\(error) has a reason and a remedy")
        }
    }

    /// What a collector answers: its `Retry-After` in the first line, then its content.
    static let collectorAnswer = FuzzTarget("collector-answer") { (bytes: [UInt8]) in
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
        let content = Array(bytes.dropFirst(line.count + 1))
        for status in [200, 503, 400] {
            let verdict = ExportVerdict(
                status: status,
                content: content,
                retryAfter: String(decoding: line, as: UTF8.self),
                words: "says \(status)",
                to: 10,
                now: HTTPDate(seconds: 1_793_000_000)
            )
            switch verdict {
            case .taken(let rejected, let words):
                require(status == 200 && (0...10).contains(rejected), "\(rejected) of 10 are rejected")
                require(words?.utf8.count ?? 0 <= ExportVerdict.longestWords, "\(words ?? "") is short")
            case .later(_, let pause):
                let most = ExportVerdict.longestPause
                require(
                    status == 503 && pause.map { (.zero...most).contains($0) } != false,
                    "\(pause ?? .zero) is a pause"
                )
            case .refused: require(status == 400, "\(status) is for good")
            }
        }
    }
}
