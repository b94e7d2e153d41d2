// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension Probe {
    /// What a probe came to.
    package enum Outcome: Sendable, Equatable {
        /// Every client will get what it needs.
        case good
        /// So it will, but for what warnings say and what was not looked at.
        case goodWithRemarks
        /// Who asks by digest will, from any replica; who asks by name may get other bytes than it was told of.
        case goodByDigest
        /// Something is not as it should be.
        case bad
        /// Nobody answers.
        case unreachable

        /// What the verdicts on servers that answer come to.
        ///
        /// - Parameters:
        ///   - verdicts: Those that there were.
        ///   - areAlike: Whether all replicas announce the same.
        init(of verdicts: Set<ProbeResult.Verdict>, areAlike: Bool) {
            if verdicts.contains(.failed) {
                self = .bad
            } else if !areAlike {
                self = .goodByDigest
            } else {
                self = verdicts.isDisjoint(with: [.warning, .skipped]) ? .good : .goodWithRemarks
            }
        }
    }
}
