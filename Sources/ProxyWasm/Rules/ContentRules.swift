// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import WasmBinary

/// Refuses a module that ends every Envoy which loads it.
///
/// Envoy asks V8's C interface what a module imports and exports, and that ends the process ("unreachable code") at a tag, a vector, or a
/// reference to anything but functions and external values. Seen with Envoy 1.36.2, 1.37.0, 1.38.2, 1.39.0 and 1.40.0.
struct HostTypesRule: AdmissionRule {
    let identifier = "host-types"
    let demand = "A plugin imports and exports nothing whose types end its host."

    func objections(to facts: ModuleFacts, for host: HostProfile) -> [Objection] {
        guard let item = facts.unknownItem else { return [] }
        return [
            Objection(
                identifier,
                .refuses,
                "ends every Envoy that loads it: its \(item.words), and Envoy takes i32, i64, f32, f64, funcref and externref only",
                remedy:
                    "export and import functions of numbers only: no exception tags, SIMD vectors or garbage-collected types",
                at: item.offset
            )
        ]
    }
}

/// Refuses a module whose names hosts cannot read (`Failed to parse corrupted Wasm module` in `wasm.cc` of proxy-wasm-cpp-host).
struct NameSectionRule: AdmissionRule {
    let identifier = "name-section"
    let demand = "The names of a plugin's functions, if it has any, are such that hosts can read them."

    func objections(to facts: ModuleFacts, for host: HostProfile) -> [Objection] {
        guard let fault = facts.customSections.namesFault else { return [] }
        return [
            Objection(
                identifier,
                .refuses,
                "has a name section that is damaged, which hosts read before they load anything: \(fault.words)",
                remedy: "build it again, or strip its names, as by wasm-strip",
                at: fault.offset
            )
        ]
    }
}

/// Refuses native code: a host that allows it (`allow_precompiled`, which Kuadrant's gateways set) runs it unverified.
struct NativeCodeRule: AdmissionRule {
    let identifier = "native-code"
    let demand = "A plugin has no native code that its host would run unverified."

    func objections(to facts: ModuleFacts, for host: HostProfile) -> [Objection] {
        let sections = facts.customSections
        return Objection.each(
            of: sections.nativeCodeOffsets,
            unlisted: sections.nativeCodeCount - sections.nativeCodeOffsets.count
        ) { offset in
            Objection(
                identifier,
                .refuses,
                "has native code in a custom section that is named precompiled_…, which some hosts run unverified",
                remedy: "leave that section out: hosts compile the rest themselves",
                at: offset
            )
        }
    }
}

/// Warns of a module that its host cannot fetch: others can, so it is served.
struct FetchLimitRule: AdmissionRule {
    let identifier = FetchLimit.rule
    let demand = "A plugin is no larger than its host fetches."

    func objections(to facts: ModuleFacts, for host: HostProfile) -> [Objection] {
        guard facts.size > FetchLimit.envoy else { return [] }
        return [
            Objection(
                identifier,
                .warns,
                "has \(facts.size) bytes, and Envoy accepts at most \(FetchLimit.envoy) from a remote source",
                remedy: "build it smaller"
            )
        ]
    }
}

/// Warns of what only debuggers use: each gateway fetches and keeps it.
struct DebuggingSectionsRule: AdmissionRule {
    let identifier = "debugging-sections"
    let demand = "A plugin has nothing that only debuggers use."

    func objections(to facts: ModuleFacts, for host: HostProfile) -> [Objection] {
        guard facts.customSections.debuggingSize > 0 else { return [] }
        return [
            Objection(
                identifier,
                .warns,
                "has \(facts.customSections.debuggingSize) bytes of its \(facts.size) for debuggers, in sections named .debug_…",
                remedy: "strip them, as by llvm-strip --strip-debug"
            )
        ]
    }
}

/// Refuses a module with a name that ends Envoy.
///
/// V8's C interface takes a zero byte at the end of a name for the end of a text, and finds the length wrong ("unreachable code"). Seen with
/// Envoy 1.36.2 and 1.40.0.
struct HostNamesRule: AdmissionRule {
    let identifier = "host-names"
    let demand = "A plugin imports and exports nothing whose name ends with a zero byte."

    func objections(to facts: ModuleFacts, for host: HostProfile) -> [Objection] {
        guard let offset = facts.zeroEndedName else { return [] }
        return [
            Objection(
                identifier,
                .refuses,
                "ends Envoy: it imports or exports something whose name ends with a zero byte",
                remedy: "name it without that",
                at: offset
            )
        ]
    }
}

/// Warns of a module that may call its host before that is ready: a host that is called while it makes an instance ends (SIGSEGV in Envoy 1.36.2
/// and 1.40.0).
///
/// A start function takes and gives nothing, and hosts offer no such function, so it is one of the module's.
struct StartFunctionRule: AdmissionRule {
    let identifier = "start-function"
    let demand = "A plugin calls nothing of its host from its start function."

    func objections(to facts: ModuleFacts, for host: HostProfile) -> [Objection] {
        guard facts.hasStartFunction, facts.imports.functionCount > 0 else { return [] }
        return [
            Objection(
                identifier,
                .warns,
                "has a start function, and ends its host if that calls it, as it is not ready then",
                remedy: "export the function as _initialize instead, which hosts call once they are ready"
            )
        ]
    }
}
