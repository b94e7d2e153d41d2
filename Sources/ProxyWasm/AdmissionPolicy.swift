// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import WasmBinary

/// Which modules are served: rules, the host that they are for, and what comes of a refusal.
package struct AdmissionPolicy: Sendable {
    /// What comes of a valid module that its host would not load.
    package enum Mode: String, CaseIterable, Sendable {
        /// It is not served.
        case enforce
        /// It is, with warnings.
        case warn
    }

    /// The rule that something is a module at all, which always holds.
    package static let validity = "core-module"

    /// Whom modules are for.
    package let host: HostProfile
    private let mode: Mode
    private let rules: [any AdmissionRule]

    /// A policy for a host, by the standard rules unless others are given; beside them a module must be one at all.
    package init(
        for host: HostProfile = .newest,
        _ mode: Mode = .enforce,
        by rules: [any AdmissionRule] = Self.standardRules
    ) {
        (self.host, self.mode, self.rules) = (host, mode, rules)
    }

    /// The same policy for what replicas keep for each other: its host's rules only warn.
    ///
    /// A digest that was announced is served until nobody needs it. Another policy held where it was, and a gateway that asks for
    /// it by digest was configured for it.
    package var ofKept: AdmissionPolicy { AdmissionPolicy(for: host, .warn, by: rules) }

    /// The rules that hold unless others are given, in the order in which they are told.
    package static let standardRules: [any AdmissionRule] = [
        ABIVersionRule(), AllocatorRule(), UnknownImportRule(), ImportTypeRule(), ImportedGlobalRule(),
        CallbackSignatureRule(), MemoryRule(), MemoryExportRule(), SegmentBoundsRule(), TableRule(),
        ImportedMemoryRule(), HostTypesRule(), HostNamesRule(), StartFunctionRule(), NameSectionRule(),
        NativeCodeRule(), FetchLimitRule(), EntryPointRule(),
        UncalledCallbackRule(), DebuggingSectionsRule(),
    ]

    /// What every rule demands, in a sentence of Markdown, by its identifier; first the one that something is a module at all.
    package static let demands: [(rule: String, demand: String)] =
        [(validity, "A plugin is a valid WebAssembly core module.")]
        + standardRules.map { ($0.identifier, $0.demand) }

    /// Judges all bytes of a module: whether it may be served, and what is to be known of it.
    ///
    /// 1. Bytes that are no module are refused, and no rule is asked.
    /// 2. Every rule is asked, so that a person learns of everything at once.
    /// 3. One objection that refuses is enough; those that warn go with the facts.
    /// 4. What the other hosts would say is told, too.
    package func judge(_ bytes: Span<UInt8>) -> Verdict {
        let facts: ModuleFacts
        do throws(Diagnosis) {
            facts = try ModuleFacts(of: bytes)
        } catch {
            return .refused(Refusal([Objection(error)]))
        }
        let objections = objections(to: facts)
        guard mode == .warn || objections.allSatisfy({ $0.effect == .warns }) else {
            let others = HostProfile.envoys.filter { $0 != host && isLoaded(facts, by: $0) }
            return .refused(Refusal(objections.filter { $0.effect == .refuses }, loadedBy: others))
        }
        return .admitted(facts, warnings: objections)
    }

    /// What the rules have against a module, for a host other than the policy's if one is given.
    package func objections(to facts: ModuleFacts, for other: HostProfile? = nil) -> [Objection] {
        rules.flatMap { $0.objections(to: facts, for: other ?? host) }
    }

    /// What each version of Envoy would do with a module, the newest first.
    package func verdicts(on facts: ModuleFacts) -> [HostVerdict] {
        HostProfile.envoys.map { host in
            HostVerdict(host: host, refusals: objections(to: facts, for: host).filter { $0.effect == .refuses })
        }
    }

    private func isLoaded(_ facts: ModuleFacts, by host: HostProfile) -> Bool {
        objections(to: facts, for: host).allSatisfy { $0.effect == .warns }
    }
}

/// What a module is judged to be.
package enum Verdict: Hashable, Sendable {
    /// It is served.
    case admitted(ModuleFacts, warnings: [Objection])
    /// It is not.
    case refused(Refusal)
}

/// Why a module is not served.
package struct Refusal: Hashable, Sendable {
    /// All reasons; at least one.
    package let objections: [Objection]
    /// Other hosts that would load it.
    package let otherHosts: [HostProfile]

    init(_ objections: [Objection], loadedBy otherHosts: [HostProfile] = []) {
        (self.objections, self.otherHosts) = (objections, otherHosts)
    }

    /// What is wrong, in words that follow "it" or a module's name.
    ///
    /// Each reason has its rule's identifier, but for the one that it is no module.
    package var reason: String {
        objections.map { $0.rule == AdmissionPolicy.validity ? $0.reason : "\($0.reason) (\($0.rule))" }
            .joined(separator: ", and ")
    }

    /// The identifiers of the rules that are broken, each once.
    package var rules: [String] { objections.rules }

    /// What a person can do about it.
    package var remedy: String {
        var remedies: [String] = []
        for objection in objections where !remedies.contains(objection.remedy) { remedies.append(objection.remedy) }
        let others = otherHosts.map(\.name).joined(separator: ", ")
        return (remedies + (others.isEmpty ? [] : ["it is admitted for \(others)"])).joined(separator: "; ")
    }
}

/// What a host would do with a module.
package struct HostVerdict: Hashable, Sendable {
    /// The host.
    package let host: HostProfile
    /// Why it would not load it; empty if it would.
    package let refusals: [Objection]

    /// A verdict by what is against the module.
    package init(host: HostProfile, refusals: [Objection]) {
        (self.host, self.refusals) = (host, refusals)
    }

    /// Whether the host would load it.
    package var isAdmitted: Bool { refusals.isEmpty }
}

extension [Objection] {
    /// The identifiers of the rules that object, each once, in their order.
    package var rules: [String] {
        reduce(into: []) { rules, objection in
            if !rules.contains(objection.rule) { rules.append(objection.rule) }
        }
    }
}
