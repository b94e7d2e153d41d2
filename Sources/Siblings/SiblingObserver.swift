// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content
package import ServerClient

/// What happens between siblings.
package enum SiblingEvent: Sendable {
    /// What a search came to, as far as it is counted.
    package enum Answer: String, CaseIterable, Sendable {
        case found
        case unknown
        case unavailable
    }

    /// A name was looked up; how many addresses it has.
    case resolved(ServerName, count: Int)
    /// A name could not be looked up; why.
    case resolutionFailed(ServerName, reason: String)
    /// A sibling told its digests; how many of them can be used.
    case listed(Sibling, count: Int)
    /// A sibling did not tell its digests.
    case listFailed(Sibling, SiblingError)
    /// A sibling gave the bytes of a digest, and they were admitted.
    case fetched(Sibling, Digest, byteCount: Int, duration: Duration)
    /// A sibling did not give the bytes of a digest.
    case fetchFailed(Sibling, Digest, SiblingError)
    /// A search could not take a digest from a sibling, because it is larger than is kept; its size in bytes.
    case tooLarge(Sibling, Digest, size: Int)
    /// A search has ended.
    case searched(Answer)
    /// There was no room for so many digests that siblings have begun to serve.
    case leftOut(Int)
    /// An adoption has ended.
    case adopted(AdoptionReport)
}

/// Is told what happens between siblings, on any thread; it must not wait.
package protocol SiblingObserver: Sendable {
    /// Takes an event.
    func siblingsDid(_ event: SiblingEvent)
}
