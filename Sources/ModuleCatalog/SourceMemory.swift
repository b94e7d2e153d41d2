// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What is known of the sources; decides what of them is to be read.
struct SourceMemory {
    /// What is to be read.
    struct Reading {
        /// What candidates have come to before; they need not be read again.
        let known: [Candidate: Finding.Outcome]
        /// Paths that are left alone, because their files are not at rest.
        let postponed: Set<ModulePath>
    }

    /// What was found when they were last read.
    var finding: Finding

    /// How they were at the last look.
    private var survey: Survey
    /// At how many looks in a row something was not at rest.
    private var restlessness = 0
    /// How often in a row something changed while it was read.
    private var unsettledCount = 0
    /// At how many looks nothing was tried again that failed for a reason that may have passed.
    private var looksSinceRetry = 0

    /// How often sources may be found changing until that is reported.
    private static let mostRestlessLooks = 10
    /// How many looks later something is tried again that failed for a reason that may have passed.
    private static let looksUntilRetry = 10

    /// Knows what was found at first.
    init(_ finding: Finding) {
        self.finding = finding
        survey = finding.survey
    }

    /// What is to be read now.
    ///
    /// What is new at a poll must have been the same at the last look, unless it is of a kind that never changes in place. If
    /// something never comes to rest, it is read all the same, so that its refusal is told.
    ///
    /// - Parameters:
    ///   - survey: How the sources are now.
    ///   - occasion: Why they are looked at.
    /// - Returns: What to read; nil if there is nothing to find out.
    mutating func reading(of survey: Survey, _ occasion: LookOccasion) -> Reading? {
        let known = known(for: occasion)
        let unrest = occasion == .poll ? unrest(in: survey) : []
        self.survey = survey
        guard occasion != .poll || hasNews(survey, besides: unrest, knowing: known) else { return nil }
        return Reading(known: known, postponed: unrest)
    }

    /// Whether what was found is to be taken over: not if something changed all the time that may be at rest at the next poll.
    mutating func accepts(_ finding: Finding, _ occasion: LookOccasion) -> Bool {
        unsettledCount = finding.isSettled ? 0 : unsettledCount + 1
        return finding.isSettled || occasion != .poll || unsettledCount >= Self.mostRestlessLooks
    }

    private mutating func known(for occasion: LookOccasion) -> [Candidate: Finding.Outcome] {
        looksSinceRetry += 1
        if occasion == .poll, looksSinceRetry < Self.looksUntilRetry { return finding.outcomes }
        looksSinceRetry = 0
        return occasion == .rehash ? finding.verifiedOutcomes : finding.lastingOutcomes
    }

    /// The paths of what is new, or gone, and was not so at the last look, for as long as that can be borne.
    private mutating func unrest(in survey: Survey) -> Set<ModulePath> {
        let rested = Set(self.survey.entries)
        let restless = survey.entries.filter { !finding.knows($0) && !rested.contains($0) }
        let vanished = self.survey.entries.filter { !survey.paths.contains($0.candidate.path) }
        let changing = (restless + vanished).map(\.candidate).filter { !$0.isOfAtomicVolume }
        restlessness = changing.isEmpty ? 0 : restlessness + 1
        return restlessness < Self.mostRestlessLooks ? Set(changing.map(\.path)) : []
    }

    /// Whether there is anything to find out.
    private func hasNews(
        _ survey: Survey,
        besides unrest: Set<ModulePath>,
        knowing known: [Candidate: Finding.Outcome]
    ) -> Bool {
        let isNew = survey.entries.contains { known[$0.candidate] == nil && !unrest.contains($0.candidate.path) }
        let hasGone = !finding.survey.paths.subtracting(survey.paths).isSubset(of: unrest)
        let isDue = !finding.postponed.isSubset(of: unrest)
        return isNew || hasGone || isDue || survey.refusals != finding.survey.refusals
    }
}
