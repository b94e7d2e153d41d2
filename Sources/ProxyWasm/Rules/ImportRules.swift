// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import WasmBinary

/// Refuses a module that takes a function which its host does not offer (`Failed to load Wasm module due to a missing import` in `v8.cc`).
struct UnknownImportRule: AdmissionRule {
    let identifier = "unknown-import"
    let demand = "A plugin imports only functions that its host offers."

    func objections(to facts: ModuleFacts, for host: HostProfile) -> [Objection] {
        let unknown = facts.imports.items.filter { $0.kind == .function && facts.offers(of: $0, by: host).isEmpty }
        let unlisted = facts.imports.unlistedCounts[.function] ?? 0
        return Objection.each(of: unknown, unlisted: unlisted) { item in
            let (reason, remedy) = words(of: item, facts, host)
            return Objection(identifier, .refuses, "imports \(item), \(reason)", remedy: remedy, at: item.offset)
        }
    }

    /// Says who offers it, if anyone does, or else what may have been meant.
    private func words(of item: ImportList.Item, _ facts: ModuleFacts, _ host: HostProfile) -> (String, String) {
        let others = HostProfile.envoys.filter { !facts.offers(of: item, by: $0).isEmpty }
        if let oldest = others.last {
            return (
                "which \(host) does not offer; \(oldest) and later do",
                "build it without what calls that function, or run it in \(oldest) or later"
            )
        }
        let abis = ABIVersion.allCases.filter { host.function(item.name.text, of: item.module.text, to: $0) != nil }
        if let abi = facts.abi, !abis.isEmpty {
            let names = abis.map(\.rawValue).joined(separator: " and ")
            return (
                "which hosts offer to plugins of ABI \(names), and it claims \(abi.rawValue)",
                "build it with an SDK that fits the ABI it claims"
            )
        }
        return (
            item.suggestion.map { "which no host offers; did you mean \($0)?" } ?? "which no host offers",
            ForeignImport(item).remedy
        )
    }
}

/// Refuses a module that takes a function with another type than its host's (`import type mismatch` in `v8.cc`).
struct ImportTypeRule: AdmissionRule {
    let identifier = "import-type"
    let demand = "A plugin imports functions with the types that its host offers them with."

    func objections(to facts: ModuleFacts, for host: HostProfile) -> [Objection] {
        let mismatched = facts.imports.items.filter { item in
            guard let signature = item.signature else { return false }
            let offers = facts.offers(of: item, by: host)
            return !offers.isEmpty && !offers.contains(signature)
        }
        let others = Objection.each(of: mismatched) { item in
            let offered = facts.offers(of: item, by: host).map { "\($0)" }.joined(separator: " or ")
            return Objection(
                identifier,
                .refuses,
                "imports \(item) as \(item.signature.map { "\($0)" } ?? "no function"), and \(host) offers it as \(offered)",
                remedy: "build it with an SDK and a C library that fit its host",
                at: item.offset
            )
        }
        guard let item = facts.imports.withoutPlainType else { return others }
        let plain = Objection(
            identifier,
            .refuses,
            "imports \(item) with a type that is open to subtypes or in a group with others, so hosts take it for another type",
            remedy: "declare the types of imported functions by themselves, final and before garbage-collected types",
            at: item.offset
        )
        return others + [plain]
    }
}

/// Refuses a module that takes a global, of which hosts offer none.
struct ImportedGlobalRule: AdmissionRule {
    let identifier = "imported-global"
    let demand = "A plugin imports no globals."

    func objections(to facts: ModuleFacts, for host: HostProfile) -> [Objection] {
        let globals = facts.imports.items.filter { $0.kind == .global }
        return Objection.each(of: globals, unlisted: facts.imports.unlistedCounts[.global] ?? 0) { item in
            Objection(
                identifier,
                .refuses,
                "imports the global \(item), and hosts offer none",
                remedy: "link it as a whole program, neither as a side module nor position-independent",
                at: item.offset
            )
        }
    }
}

extension ModuleFacts {
    /// With which types a host offers what is imported: one; none if it does not offer it.
    ///
    /// To a module that claims no ABI, what is offered in any counts.
    fileprivate func offers(of item: ImportList.Item, by host: HostProfile) -> [FunctionSignature] {
        (abi.map { [$0] } ?? ABIVersion.allCases).compactMap {
            host.function(item.name.text, of: item.module.text, to: $0)
        }
    }
}
