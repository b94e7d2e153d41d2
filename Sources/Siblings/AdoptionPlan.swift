// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// Decides what a new server fetches from its siblings, and in which order.
///
/// What siblings serve now goes before what they only keep. Nothing is fetched for which something else would have to go.
struct AdoptionPlan: Sendable {
    /// What has come of it so far.
    private(set) var report = AdoptionReport()

    private var holdings = Holdings()
    private var current: [Digest] = []
    private var kept: [Digest] = []
    /// What is being fetched, who was asked for it, and the bytes that are set aside.
    private var fetches: [Digest: (tried: [Sibling], attempts: [Sibling: Int])] = [:]

    /// Notes what a sibling can give.
    mutating func hear(_ entries: [SiblingList.Entry], from sibling: Sibling) {
        report.answeredCount += 1
        for entry in entries where !holdings.lists(entry.digest) {
            if entry.isCurrent { current.append(entry.digest) } else { kept.append(entry.digest) }
        }
        holdings.add(entries, of: sibling)
    }

    /// Everyone was asked.
    mutating func endRound(heardAll: Bool) {
        report.heardAll = heardAll
        current.removeAll { !holdings.lists($0) }
        kept.removeAll { !holdings.lists($0) }
        // The last is the next.
        current.reverse()
        kept.reverse()
    }

    /// What is to be fetched next, and from whom first; nil when there is nothing left.
    ///
    /// - Parameters:
    ///   - room: How many bytes more can be kept.
    ///   - largest: The largest module that is kept, in bytes.
    ///   - isHere: Whether a digest needs no fetching.
    /// - Returns: The digest, and who is asked first.
    mutating func next(room: Int, largest: Int, isHere: (Digest) -> Bool) -> (Digest, Holder)? {
        while let digest = current.popLast() ?? kept.popLast() {
            guard !isHere(digest) else { continue }
            fetches[digest] = ([], [:])
            if let holder = nextHolder(of: digest, room: room, largest: largest) { return (digest, holder) }
            fetches[digest] = nil
            report.leftOutCount += 1
        }
        return nil
    }

    /// Who is to be asked next for a digest that is being fetched; nil if there is nobody, or no room.
    mutating func nextHolder(of digest: Digest, room: Int, largest: Int) -> Holder? {
        let free = room - fetches.values.reduce(0) { $0 + $1.attempts.values.reduce(0, +) }
        guard let fetch = fetches[digest],
            let holder = holdings.holders(of: digest).first(where: { holder in
                !fetch.tried.contains(holder.sibling) && holder.size <= min(free, largest)
            })
        else { return nil }
        fetches[digest]?.tried.append(holder.sibling)
        fetches[digest]?.attempts[holder.sibling] = holder.size
        return holder
    }

    /// A sibling did not give a digest.
    mutating func endAttempt(_ digest: Digest, by sibling: Sibling) {
        fetches[digest]?.attempts[sibling] = nil
    }

    /// A fetch has ended with so many bytes; without any if nobody gave it.
    mutating func endFetch(of digest: Digest, byteCount: Int?) {
        fetches[digest] = nil
        if let byteCount {
            report.adoptedCount += 1
            report.adoptedBytes += byteCount
        } else {
            report.failedCount += 1
        }
    }

    /// The time is up.
    mutating func runOutOfTime(isHere: (Digest) -> Bool) {
        report.ranOutOfTime = true
        report.lateCount = fetches.count + (current + kept).count { !isHere($0) }
    }
}
