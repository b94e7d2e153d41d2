// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Refuses a module that does not claim an ABI which hosts know: they look for nothing else in it (`Missing or unknown Proxy-Wasm ABI
/// version` in `wasm.cc` of proxy-wasm-cpp-host).
struct ABIVersionRule: AdmissionRule {
    let identifier = "abi-version"
    let demand = "A plugin exports a function that claims a version of the proxy-wasm ABI which hosts know."

    func objections(to facts: ModuleFacts, for host: HostProfile) -> [Objection] {
        guard facts.abi == nil else { return [] }
        let names = ABIVersion.allCases.map(\.exportName).joined(separator: ", ")
        let reason =
            facts.exports.unknownABI.map {
                "claims a proxy-wasm ABI that hosts do not know: it exports \($0), and they know \(names)"
            }
            ?? "is no proxy-wasm plugin: it exports none of the functions \(names)"
        return [Objection(identifier, .refuses, reason, remedy: "build it with a proxy-wasm SDK")]
    }
}

/// Refuses a module in which hosts cannot allocate memory for what they hand over.
struct AllocatorRule: AdmissionRule {
    let identifier = "allocator"
    let demand = "A plugin exports `malloc` or `proxy_on_memory_allocate`."

    func objections(to facts: ModuleFacts, for host: HostProfile) -> [Objection] {
        guard Callbacks.allocators.allSatisfy({ facts.exports.functions[$0] == nil }) else { return [] }
        return [
            Objection(
                identifier,
                .refuses,
                "exports neither of the functions \(Callbacks.allocators.joined(separator: " and ")), of which hosts need one",
                remedy:
                    "export the allocator that its SDK or its C library has, such as by the linker's --export=malloc"
            )
        ]
    }
}
