// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
package import Content

/// Turns sources into modules.
package struct Catalog: Sendable {
    /// The most modules that one server serves: each holds a descriptor and its bytes.
    package static let maximumModuleCount = 4096

    private let sources: [Source]
    private let reader: ModuleReader
    private let maximumCount: Int

    /// How often what keeps changing is looked at before it is rejected.
    private static let maximumAttempts = 5
    /// How long to wait in between, in milliseconds: longer than the clock that stamps files stands still.
    private static let pause: UInt32 = 50

    /// The largest module that is read, in bytes.
    var maximumModuleSize: Int { reader.maximumSize }

    /// A catalog of sources.
    ///
    /// - Parameters:
    ///   - sources: Where the modules come from.
    ///   - maximumModuleSize: The largest module that is read, in bytes.
    ///   - maximumCount: The most modules, as far as descriptors suffice for them.
    ///   - memory: The memory to seal bytes in; by default the best that the system offers.
    package init(
        sources: [Source],
        maximumModuleSize: Int,
        maximumCount: Int = maximumModuleCount,
        memory: SealedMemory? = nil
    ) {
        self.sources = sources
        self.maximumCount = min(maximumCount, Self.maximumModuleCount)
        reader = ModuleReader(maximumSize: maximumModuleSize, memory: memory)
    }

    /// Reads, seals, hashes and judges everything that the sources offer, for the first time.
    ///
    /// - Parameter now: The present, in seconds since 1970.
    /// - Returns: The modules that are served and those that are not.
    /// - Throws: ``CatalogError`` when two modules claim one path, or there are more than one server holds.
    package func load(now: Int64 = platform_seconds()) throws(CatalogError) -> Snapshot {
        Snapshot(try read(), after: nil, now: now)
    }

    /// What the sources offer now, without reading any module.
    func survey() -> Survey { Survey(of: sources) }

    /// Reads, seals, hashes and judges what the sources offer.
    ///
    /// 1. The sources are surveyed twice. As long as that differs, but for what is known not to be at rest, something is being
    ///    moved, and they are surveyed anew: a mounted ConfigMap is taken whole, never half.
    /// 2. Two modules with one path are an error: which one a gateway gets must never be a matter of luck.
    /// 3. Each candidate that is not known yet is read into sealed memory and judged. If one has changed since it was
    ///    surveyed, or was written just now, all is surveyed anew.
    ///
    /// - Parameters:
    ///   - known: What candidates have come to before; they are not read again.
    ///   - unrest: What is left alone.
    /// - Returns: What all of it has come to.
    /// - Throws: ``CatalogError`` when two modules claim one path, or there are more than one server holds.
    func read(
        knowing known: [Candidate: Finding.Outcome] = [:],
        leaving unrest: Unrest = Unrest()
    ) throws(CatalogError) -> Finding {
        var outcomes = known
        var previous: Survey?
        var attempt = 0
        while true {
            attempt += 1
            if attempt > 1 { platform_sleep_milliseconds(Self.pause) }
            let survey = survey()
            let unrest = unrest.following(survey, knowing: outcomes)
            let isStable = survey.leaving(unrest) == self.survey().leaving(unrest)
            defer { previous = survey }
            try requireDistinctPaths(survey)
            try requireCount(survey.entries.count)
            let isComplete = isStable && readNew(survey.leaving(unrest), after: previous, into: &outcomes)
            if isComplete || attempt == Self.maximumAttempts {
                return Finding(survey: survey, outcomes: outcomes, postponed: unrest.passing, isSettled: isComplete)
            }
        }
    }

    /// Reads what is not known yet; answers whether everything is known then.
    private func readNew(
        _ survey: Survey,
        after previous: Survey?,
        into outcomes: inout [Candidate: Finding.Outcome]
    ) -> Bool {
        let settled = Set(previous?.entries ?? [])
        var isComplete = true
        for entry in survey.entries where outcomes[entry.candidate] == nil {
            let isFresh = entry.candidate.isFresh(at: platform_nanoseconds()) && !settled.contains(entry)
            guard !isFresh, let outcome = outcome(of: entry.candidate) else {
                isComplete = false
                continue
            }
            outcomes[entry.candidate] = outcome
        }
        return isComplete
    }

    /// What a candidate comes to; nil if it has changed since it was surveyed.
    private func outcome(of candidate: Candidate) -> Finding.Outcome? {
        do throws(CatalogError) {
            guard let blob = try reader.read(candidate) else { return nil }
            try Admission.requireAdmissible(blob, named: candidate.originName)
            return .success(blob)
        } catch {
            return .failure(error)
        }
    }

    private func requireDistinctPaths(_ survey: Survey) throws(CatalogError) {
        var seen: [ModulePath: Candidate] = [:]
        for candidate in survey.entries.map(\.candidate) {
            guard let first = seen.updateValue(candidate, forKey: candidate.path) else { continue }
            guard first.originName != candidate.originName else {
                throw CatalogError(
                    code: .conflict,
                    subject: first.originName,
                    reason: "is given twice as a source",
                    remedy: "give it once"
                )
            }
            throw CatalogError(
                code: .conflict,
                subject: candidate.path.urlPath,
                reason: "both \(first.originName) and \(candidate.originName) would be served there",
                remedy: "rename one of them or leave it out"
            )
        }
    }

    private func requireCount(_ count: Int) throws(CatalogError) {
        guard count > maximumCount else { return }
        throw CatalogError(
            code: .conflict,
            subject: sources.map(\.description).joined(separator: ", "),
            reason: "\(count) modules are more than the \(maximumCount) that this server holds",
            remedy: maximumCount < Self.maximumModuleCount
                ? "raise the limit of open files (ulimit -n), or split them over several servers"
                : "split them over several servers"
        )
    }
}
