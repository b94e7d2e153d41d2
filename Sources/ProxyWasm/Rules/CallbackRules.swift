// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import WasmBinary

/// Refuses a module in which a function that hosts call has another type (`Bad function signature for` in `v8.cc`).
struct CallbackSignatureRule: AdmissionRule {
    let identifier = "callback-signature"
    let demand = "A plugin exports callbacks with the types that its ABI has them with."

    func objections(to facts: ModuleFacts, for host: HostProfile) -> [Objection] {
        guard let abi = facts.abi else { return [] }
        let mismatched = facts.exports.functions.values.filter { function in
            guard let wanted = Callbacks.signature(of: function.name, in: abi) else { return false }
            return function.signature != wanted && facts.exports.isCalled(function.name, by: host)
        }
        return Objection.each(of: mismatched.sorted { $0.offset < $1.offset }) { function in
            let wanted = Callbacks.signature(of: function.name, in: abi).map { "\($0)" } ?? ""
            return Objection(
                identifier,
                .refuses,
                "exports \(function.name) as \(function.signature), and hosts call it as \(wanted) in ABI \(abi.rawValue)",
                remedy: "build it with an SDK of the ABI that it claims",
                at: function.offset
            )
        }
    }
}

/// Warns of functions that hosts would call if others were not there, or were, and of programs that are to run and end.
struct EntryPointRule: AdmissionRule {
    let identifier = "entry-point"
    let demand = "A plugin exports only entry points that its host calls, and is no program that runs and ends."

    func objections(to facts: ModuleFacts, for host: HostProfile) -> [Objection] {
        let functions = facts.exports.functions
        let isInitialized = functions["_initialize"] != nil
        let isCommand = functions["_start"] != nil && !isInitialized
        // A command's _start calls its main.
        let uncalled = ["_start", "main", "__main_void"].filter {
            functions[$0] != nil && !isCommand && !facts.exports.isCalled($0, by: host)
        }
        return uncalled.map { name in
            let circumstance = name == "_start" ? " beside _initialize" : isInitialized ? "" : " without _initialize"
            return Objection(
                identifier,
                .warns,
                "exports \(name), which \(host) does not call\(circumstance)",
                remedy: "have _initialize do what it does, if anything",
                at: functions[name]?.offset
            )
        } + (isCommand && facts.imports.hasExit ? [command(functions["_start"]?.offset)] : [])
    }

    /// Hosts restrict what may be called while _start runs, and a command's ends with what ends a process.
    private func command(_ offset: Int?) -> Objection {
        Objection(
            identifier,
            .warns,
            "is a WASI command, which runs and ends (it exports _start and imports proc_exit), and hosts may fail to start it",
            remedy:
                "build a WASI reactor: in Go by -buildmode=c-shared, in Zig and C by -mexec-model=reactor, in Rust as a cdylib",
            at: offset
        )
    }
}

/// Warns of functions that look like callbacks, and that no host calls.
struct UncalledCallbackRule: AdmissionRule {
    let identifier = "uncalled-callback"
    let demand = "What a plugin exports as a callback is called by some host."

    func objections(to facts: ModuleFacts, for host: HostProfile) -> [Objection] {
        Objection.each(of: facts.exports.uncalled, unlisted: facts.exports.unlistedCount) { function in
            Objection(
                identifier,
                .warns,
                "exports \(function.name), which no host calls\(function.suggestion.map { "; did you mean \($0)?" } ?? "")",
                remedy: "export what hosts call in its ABI",
                at: function.offset
            )
        }
    }
}

extension ExportList {
    /// Whether a host looks for a function, given what else there is.
    fileprivate func isCalled(_ name: String, by host: HostProfile) -> Bool {
        switch name {
        case "proxy_on_memory_allocate": functions["malloc"] == nil
        case "_start": functions["_initialize"] == nil
        case "main": functions["_initialize"] != nil
        case "__main_void": functions["_initialize"] != nil && host.envoy.callsMainVoid
        default: true
        }
    }
}
