// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser
internal import ProxyWasm
internal import ServerInterface

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension HostProfile: ExpressibleByArgument {
    /// The profile of a name; nil if none is known.
    init?(argument: String) { self.init(named: argument) }

    /// The names of all that are known.
    static var allValueStrings: [String] { all.map(\.name) }
}

extension AdmissionPolicy.Mode: ExpressibleByArgument {}

/// Whom modules are for, as commands that ask a server are told: by flags, or by the server's own variables, where they run beside it.
struct AdmissionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The host that has to load the module, or WASM_SERVER_HOST_PROFILE. (default: \(HostProfile.newest))",
            valueName: "host"
        )
    )
    var hostProfile: HostProfile?

    @Option(
        help: ArgumentHelp(
            """
            Whether a module that its host would not load is a failure (enforce) or not (warn), or WASM_SERVER_ADMISSION. \
            (default: enforce)
            """,
            valueName: "mode"
        )
    )
    var admission: AdmissionPolicy.Mode?

    /// What is demanded of modules.
    ///
    /// - Throws: ``CommandFailure`` if a variable names no host, or no mode.
    func demand() throws(CommandFailure) -> LoadingDemand {
        let variables = Variables(ProcessInfo.processInfo.environment)
        var demand = LoadingDemand(host: hostProfile, mode: admission ?? .enforce)
        if hostProfile == nil, let given = variables.given(.hostProfile) {
            demand.host = try SettingFormat<HostProfile>.host.read(given)
        }
        if admission == nil, let given = variables.given(.admission) {
            demand.mode = try SettingFormat<AdmissionPolicy.Mode>.choice(of: "mode").read(given)
        }
        return demand
    }
}

/// What has to load a module, and whether it is a failure if it would not.
struct LoadingDemand {
    /// Nil for the newest host; older ones are told of then.
    var host: HostProfile?
    /// What comes of it.
    var mode: AdmissionPolicy.Mode

    /// Judges a module as a server lists it, by whose bytes it has been judged there.
    ///
    /// - Returns: What a person should know: that the host would not load it, or, if none is named, that older ones would not.
    /// - Throws: ``CommandFailure`` if the host would not, unless that is to be a warning.
    func judge(_ module: ModuleIndex.Entry) throws(CommandFailure) -> String? {
        guard let hosts = module.hosts else { return nil }
        let path = module.path ?? module.digestPath ?? "the module"
        func rules(_ host: HostProfile) -> [String] { hosts["envoy-\(host.envoy.rawValue)"]?.rules ?? [] }
        let named = host ?? .newest
        let broken = rules(named)
        guard broken.isEmpty else {
            let why =
                "\(path) is rejected for \(named) (\(broken.joined(separator: ", "))); `wasm-server check --for \(named)` says more"
            guard mode == .warn else {
                throw CommandFailure(.dataError, "\(why); serve one that is not, or write --admission warn")
            }
            return why
        }
        let others = HostProfile.envoys.filter { !rules($0).isEmpty }
        guard host == nil, let first = others.first else { return nil }
        let names = others.map(\.name).joined(separator: ", ")
        return
            "\(path) is rejected for \(names) (\(rules(first).joined(separator: ", "))); say by --host-profile whom it is for"
    }
}
