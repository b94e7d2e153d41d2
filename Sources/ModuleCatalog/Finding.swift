// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// What reading everything that the sources offer has come to.
struct Finding: Sendable {
    /// The bytes of a candidate, or why they may not be served.
    typealias Outcome = Result<SealedBlob, CatalogError>

    /// What was looked at.
    let survey: Survey
    /// What each of its candidates came to; one that changed all the time is missing.
    private(set) var outcomes: [Candidate: Outcome]
    /// Whether nothing changed meanwhile.
    let isSettled: Bool

    /// What reading a survey's candidates has come to.
    ///
    /// - Parameters:
    ///   - survey: What was looked at.
    ///   - outcomes: What is known of its candidates, and perhaps of others.
    ///   - isSettled: Whether nothing changed meanwhile.
    init(survey: Survey, outcomes: [Candidate: Outcome], isSettled: Bool) {
        self.survey = survey
        let candidates = Set(survey.entries.map(\.candidate))
        self.outcomes = outcomes.filter { candidates.contains($0.key) }
        self.isSettled = isSettled
    }

    /// What candidates came to.
    ///
    /// - Parameter verified: Whether only those are wanted whose file still holds the same bytes; it is read for that.
    /// - Returns: The outcomes, by candidate.
    func outcomes(verified: Bool) -> [Candidate: Outcome] {
        guard verified else { return outcomes }
        return outcomes.filter { candidate, outcome in
            switch (candidate.origin, outcome) {
            case (.file(let file), .success(let blob)): (try? FileDigest.of(file.target)) == blob.digest
            case (.embedded, .success): true
            default: false
            }
        }
    }

    /// Holds the memory of modules that are served, rather than other memory with the same bytes.
    mutating func share(_ modules: [Module]) {
        let blobs = Dictionary(modules.map { ($0.blob.digest, $0.blob) }, uniquingKeysWith: { first, _ in first })
        outcomes = outcomes.mapValues { outcome in
            guard case .success(let blob) = outcome, let shared = blobs[blob.digest] else { return outcome }
            return .success(shared)
        }
    }

    /// The modules that may be served.
    ///
    /// - Parameter now: Since when they are, in seconds since 1970.
    /// - Returns: A module for each candidate that was admitted.
    func modules(now: Int64) -> [Module] {
        survey.entries.compactMap { entry in
            guard case .success(let blob)? = outcomes[entry.candidate] else { return nil }
            return Module(of: entry, blob: blob, since: now)
        }
    }

    /// What may not be served.
    var refused: [RefusedModule] {
        survey.refusals.map { RefusedModule(path: nil, error: $0.error) }
            + survey.entries.compactMap { entry in
                switch outcomes[entry.candidate] {
                case .success: nil
                case .failure(let error): RefusedModule(path: entry.candidate.path, error: error)
                case nil: RefusedModule(path: entry.candidate.path, error: .changing(entry.candidate.originName))
                }
            }
    }

    /// Whether it can be told that a module is no longer offered.
    ///
    /// It cannot where it was found and refused, nor where not all of its source could be looked through. In a directory
    /// that is empty it is gone; where its own file has turned into one, who knows.
    func hasLost(_ module: Module) -> Bool {
        let problems = survey.refusals.filter { $0.source == module.source }.map(\.error)
        return problems.allSatisfy { $0.code == .empty && $0.subject != module.origin }
            && !survey.entries.contains { $0.candidate.path == module.path }
    }
}

extension Module {
    fileprivate init(of entry: Survey.Entry, blob: SealedBlob, since: Int64) {
        let candidate = entry.candidate
        var modified: Int64?
        if case .file(let file) = candidate.origin { modified = file.facts.modified.first }
        self.init(
            path: candidate.path,
            blob: blob,
            modified: modified,
            origin: candidate.originName,
            source: entry.source,
            since: since
        )
    }
}
