// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import ServerClient

/// What one check of a server came to.
package struct ProbeResult: Sendable, Equatable {
    /// How it went.
    package enum Verdict: String, Sendable {
        /// It is as it should be.
        case ok
        /// It works, and something about it may hurt later.
        case warning
        /// A client will fail.
        case failed
        /// It could not be looked at.
        case skipped
    }

    /// How it went.
    package let verdict: Verdict
    /// What was checked, and where.
    package let subject: String
    /// What was seen.
    package let detail: String
    /// What a person can do about it; nil if there is nothing to do.
    package let remedy: Remedy?

    /// What a check came to.
    ///
    /// - Parameters:
    ///   - verdict: How it went.
    ///   - subject: What was checked, and where.
    ///   - detail: What was seen.
    ///   - remedy: What a person can do about it; nil if there is nothing to do.
    package init(_ verdict: Verdict, _ subject: String, _ detail: String, _ remedy: Remedy? = nil) {
        // Much of it was said by a server that may be anyone.
        (self.verdict, self.subject) = (verdict, subject.printable)
        (self.detail, self.remedy) = (detail.printable, remedy?.printable)
    }
}
