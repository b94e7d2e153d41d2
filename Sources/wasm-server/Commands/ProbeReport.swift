// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser
internal import Probe
internal import Synchronization

/// What `probe` prints: for a person line by line, for a script one document (`docs/schemas/probe.schema.json`).
final class ProbeReport: Sendable {
    /// How it is written.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    /// The document.
    private struct Document: Encodable {
        let url: String?
        let outcome: Probe.Outcome
        let results: [Result]
    }

    /// The result of one check; members that do not apply are left out.
    private struct Result: Encodable {
        let verdict: String
        let subject: String
        let detail: String
        let remedy: String?
    }

    private let url: String?
    private let format: Format
    private let isQuiet: Bool
    private let print: @Sendable (String) -> Void
    private let results = Mutex<[Result]>([])

    /// A report on a URL, or on the server beside the command.
    ///
    /// A quiet one tells only what failed or was not looked at, and that replicas differ. `print` takes each line, or
    /// the document.
    init(
        of url: String?,
        as format: Format,
        isQuiet: Bool,
        print: @escaping @Sendable (String) -> Void = { StandardStream.output.print($0) }
    ) {
        (self.url, self.format, self.isQuiet, self.print) = (url, format, isQuiet, print)
    }

    /// Tells of one check.
    func add(_ result: ProbeResult) {
        guard !isQuiet || [.failed, .skipped].contains(result.verdict) else { return }
        switch format {
        case .text: print(result.reportLine)
        case .json:
            let entry = Result(
                verdict: result.verdict.rawValue,
                subject: result.subject,
                detail: result.detail,
                remedy: result.remedy?.words
            )
            results.withLock { $0.append(entry) }
        }
    }

    /// Tells the outcome of all of them, and its summary for a person, unless something else says it.
    func end(_ outcome: Probe.Outcome, _ summary: String?) {
        switch format {
        case .text:
            // Whoever goes on because nothing failed has to know that it is not so for all.
            if let summary, !isQuiet || outcome == .byDigestOnly { print(summary) }
        case .json:
            let document = Document(url: url, outcome: outcome, results: results.withLock(\.self))
            print(JSONDocument.text(of: document))
        }
    }
}
