// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import WasmBinary

/// One demand on modules.
///
/// To add one: a type with its identifier, its reason and its remedy, and its name in ``AdmissionPolicy/standardRules``.
package protocol AdmissionRule: Sendable {
    /// Lowercase words with dashes, which stay the same.
    var identifier: String { get }
    /// What it demands, in a sentence of Markdown.
    var demand: String { get }

    /// What is against a module that is for a host.
    func objections(to facts: ModuleFacts, for host: HostProfile) -> [Objection]
}

/// What a rule has against a module.
package struct Objection: Hashable, Sendable {
    /// What comes of it.
    package enum Effect: Hashable, Sendable {
        /// The host would not load it, or must not.
        case refuses
        /// The host would, and a person should know something.
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
    /// Where, in bytes from the start of the binary; nil where it concerns all of it.
    package let offset: Int?
    /// How many things it is about: more than one where all the further ones are told as one.
    package let count: Int

    /// An objection from its parts.
    package init(
        _ rule: String,
        _ effect: Effect,
        _ reason: String,
        remedy: String,
        at offset: Int? = nil,
        count: Int = 1
    ) {
        (self.rule, self.effect, self.reason, self.remedy) = (rule, effect, reason, remedy)
        (self.offset, self.count) = (offset, count)
    }

    /// What is against bytes that are no valid core module.
    package init(_ diagnosis: Diagnosis) {
        self.init(
            AdmissionPolicy.validity,
            .refuses,
            diagnosis.reason,
            remedy: diagnosis.remedy,
            at: diagnosis.offset
        )
    }

    /// The most objections of one rule that are told one by one.
    static let mostTold = 8

    /// An objection to each of some items, and one to all that there is no room for, with those that are not listed.
    static func each<Item>(of items: [Item], unlisted: Int = 0, _ objection: (Item) -> Objection) -> [Objection] {
        let told = items.prefix(mostTold).map(objection)
        let count = items.count + unlisted
        guard let last = told.last, count > told.count else { return told }
        let more = count - told.count
        let reason = "has \(more) more of that kind"
        return told + [Objection(last.rule, last.effect, reason, remedy: last.remedy, count: more)]
    }
}
