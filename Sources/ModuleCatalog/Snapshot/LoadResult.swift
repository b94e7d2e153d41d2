// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// The result of reading everything that the sources offer.
struct LoadResult: Sendable {
    /// The bytes of a candidate, or why they may not be served.
    typealias Outcome = Result<AdmittedBlob, CatalogError>

    /// What was looked at.
    let scan: SourceScan
    /// The outcome of each of its candidates; one that is not at rest is missing.
    private(set) var outcomes: [Candidate: Outcome]
    /// Paths about which nothing was found out yet, because their files are not at rest.
    let postponed: Set<ModulePath>
    /// Sources that do not answer and may offer more than is known.
    let unfinished: Set<Int>
    /// Whether nothing changed meanwhile.
    let isSettled: Bool

    /// The result of reading a scan's candidates.
    ///
    /// - Parameters:
    ///   - scan: What was looked at.
    ///   - outcomes: What is known of its candidates, and perhaps of others.
    ///   - postponed: The paths of those that were left alone.
    ///   - unfinished: Sources that may offer more than is known.
    ///   - isSettled: Whether nothing changed meanwhile.
    init(
        scan: SourceScan,
        outcomes: [Candidate: Outcome],
        postponed: Set<ModulePath> = [],
        unfinished: Set<Int> = [],
        isSettled: Bool
    ) {
        self.scan = scan
        self.unfinished = unfinished
        let candidates = Set(scan.entries.map(\.candidate))
        self.outcomes = outcomes.filter { candidates.contains($0.key) }
        self.postponed = postponed
        self.isSettled = isSettled
    }

    /// Whether nothing new can be found out about something that is offered.
    func knows(_ entry: SourceScan.Entry) -> Bool { outcomes[entry.candidate] != nil }

    /// Takes over what was found out of candidates since.
    mutating func learn(_ news: SourceWorker.News) {
        for candidate in scan.entries.map(\.candidate) {
            if news.changed.contains(candidate) { outcomes[candidate] = nil }
            if let outcome = news.outcomes[candidate] { outcomes[candidate] = outcome }
        }
    }

    /// The outcomes of a source's candidates that may be served.
    func admitted(of source: Int) -> [Candidate: Outcome] {
        let candidates = Set(scan.entries(of: source).map(\.candidate))
        return admitted.filter { candidates.contains($0.key) }
    }

    /// The outcomes of candidates that may be served.
    var admitted: [Candidate: Outcome] {
        outcomes.filter { _, outcome in
            if case .success = outcome { true } else { false }
        }
    }

    /// The outcomes of candidates, without the failures of these codes, by source.
    func outcomes(without codes: [Int: Set<CatalogError.Code>]) -> [Candidate: Outcome] {
        scan.entries.reduce(into: outcomes) { rest, entry in
            guard let codes = codes[entry.source], case .failure(let error)? = outcomes[entry.candidate] else { return }
            if codes.contains(error.code) { rest[entry.candidate] = nil }
        }
    }

    /// Holds the memory of modules that are served, rather than other memory with the same bytes.
    mutating func share(_ modules: [Module]) {
        let served = Dictionary(modules.map { ($0.blob.digest, $0.content) }, uniquingKeysWith: { first, _ in first })
        outcomes = outcomes.mapValues { outcome in
            guard case .success(let read) = outcome, let shared = served[read.blob.digest] else { return outcome }
            return .success(shared)
        }
    }

    /// A module for each candidate that was admitted, served since a time in seconds since 1970.
    func modules(now: Int64) -> [Module] {
        scan.entries.compactMap { entry in
            guard case .success(let content)? = outcomes[entry.candidate] else { return nil }
            return Module(of: entry, content, since: now)
        }
    }

    /// What may not be served: first what would be a module.
    var rejected: [RejectedModule] {
        scan.entries.compactMap { entry in
            guard !postponed.contains(entry.candidate.path) else { return nil }
            return switch outcomes[entry.candidate] {
            case .success: nil
            case .failure(let error): RejectedModule(path: entry.candidate.path, error: error)
            case nil: RejectedModule(path: entry.candidate.path, error: .changing(entry.candidate.originName))
            }
        } + scan.rejections.flatMap { $0.first.map { RejectedModule(path: nil, error: $0) } }
    }

    /// How much may not be served besides that.
    var furtherRejectedCount: Int { scan.rejections.reduce(0) { $0 + $1.furtherCount } }

    /// What it means that a module which was served is not among those that may be.
    enum Absence: Hashable {
        /// It is no longer offered, and others of its source are.
        case withdrawn
        /// It was found and rejected, is not at rest, or could not be looked at.
        case unknown
        /// So are all others of its source, as if a volume had gone: nobody has withdrawn them one by one.
        case emptied(Source)
    }

    /// The sources that offer a module which may be served.
    var usableSources: Set<Int> {
        Set(
            scan.entries.filter { entry in
                if case .success = outcomes[entry.candidate] { true } else { false }
            }.map(\.source)
        )
    }

    /// The sources that offer something which is not at rest.
    var awaitedSources: Set<Int> {
        Set(scan.entries.filter { postponed.contains($0.candidate.path) }.map(\.source))
    }

    /// Why a module that was served is not found any more: whether it was withdrawn, which only a usable source can do.
    func absence(of module: Module, usableSources: Set<Int>) -> Absence {
        guard !scan.rejections[module.source].concern(module.origin), !unfinished.contains(module.source),
            !postponed.contains(module.path), !scan.paths.contains(module.path)
        else { return .unknown }
        return usableSources.contains(module.source) ? .withdrawn : .emptied(scan.sources[module.source])
    }
}

extension Module {
    fileprivate init(of entry: SourceScan.Entry, _ content: AdmittedBlob, since: Int64) {
        let candidate = entry.candidate
        var modified: Int64?
        if case .file(let file) = candidate.origin { modified = file.facts.modified.first }
        self.init(
            path: candidate.path,
            content: content,
            modified: modified,
            origin: candidate.originName,
            source: entry.source,
            since: since
        )
    }
}
