// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import WasmBinary

/// Which modules are served: a list of rules.
package struct AdmissionPolicy: Sendable {
    private let rules: [any AdmissionRule]

    /// A policy of rules, beside the one that it must be a module at all.
    package init(_ rules: [any AdmissionRule]) {
        self.rules = rules
    }

    /// What holds unless something else is said.
    package static let standard = AdmissionPolicy([HostTypesRule(), EnvoyFetchLimitRule()])

    /// Judges all bytes of a module: whether it may be served, and what is to be known of it.
    ///
    /// 1. Bytes that are no module are refused, and no rule is asked.
    /// 2. Every rule is asked, so that a person learns of everything at once.
    /// 3. One objection that refuses is enough; those that warn go with the facts.
    package func judge(_ bytes: Span<UInt8>) -> Verdict {
        let facts: ModuleFacts
        do throws(Diagnosis) {
            facts = try ModuleFacts(of: bytes)
        } catch {
            return .refused([Objection("core-module", .refuses, error.reason, remedy: error.remedy)])
        }
        let objections = rules.compactMap { $0.objection(to: facts) }
        let refusals = objections.filter { $0.effect == .refuses }
        return refusals.isEmpty ? .admitted(facts, warnings: objections) : .refused(refusals)
    }
}

/// What a module is judged to be.
package enum Verdict: Hashable, Sendable {
    /// It is served.
    case admitted(ModuleFacts, warnings: [Objection])
    /// It is not, for at least one reason.
    case refused([Objection])
}

/// What a rule has against a module.
package struct Objection: Hashable, Sendable {
    /// What comes of it.
    package enum Effect: Hashable, Sendable {
        /// The module is not served.
        case refuses
        /// It is, with a warning.
        case warns
    }

    /// The rule's identifier: lowercase words with dashes, which stays the same.
    package let rule: String
    /// What comes of it.
    package let effect: Effect
    /// What is wrong, in words that follow "it" or a module's name.
    package let reason: String
    /// What a person can do about it.
    package let remedy: String

    /// An objection from its parts.
    package init(_ rule: String, _ effect: Effect, _ reason: String, remedy: String) {
        (self.rule, self.effect, self.reason, self.remedy) = (rule, effect, reason, remedy)
    }
}

/// One demand on modules.
///
/// To add one: a type with its identifier, its reason and its remedy, and its name in ``AdmissionPolicy/standard``.
package protocol AdmissionRule: Sendable {
    /// What is against a module; nil if nothing is.
    func objection(to facts: ModuleFacts) -> Objection?
}
