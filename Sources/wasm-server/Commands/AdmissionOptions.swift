// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser
internal import ProxyWasm
internal import ServerInterface

extension HostProfile: ExpressibleByArgument {
    /// The profile of a name; nil if none is known.
    init?(argument: String) { self.init(named: argument) }

    /// The names of all that are known.
    static var allValueStrings: [String] { all.map(\.name) }
}

extension AdmissionPolicy.Mode: ExpressibleByArgument {}

/// Whom modules are for, as commands that ask a server are told; `serve` has settings of these names.
struct AdmissionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The host that has to load the module. (default: \(HostProfile.newest))", valueName: "host")
    )
    var hostProfile: HostProfile?

    @Option(
        help: ArgumentHelp(
            "Whether a module that its host would not load is a failure (enforce) or not (warn).",
            valueName: "mode"
        )
    )
    var admission = AdmissionPolicy.Mode.enforce

    /// The host that is named, or the newest.
    var host: HostProfile { hostProfile ?? .newest }

    /// Judges a module as a server lists it, by whose bytes it has been judged there.
    ///
    /// - Returns: What a person should know: that the host would not load it, or, if none is named, that older ones would not.
    /// - Throws: ``CommandFailure`` if the host would not, unless that is to be a warning.
    func judge(_ module: ModuleIndex.Entry) throws(CommandFailure) -> String? {
        guard let hosts = module.hosts else { return nil }
        let path = module.path ?? module.digestPath ?? "the module"
        func rules(_ host: HostProfile) -> [String] { hosts["envoy-\(host.envoy.rawValue)"]?.rules ?? [] }
        let broken = rules(host)
        guard broken.isEmpty else {
            let why =
                "\(host) would not load \(path) (\(broken.joined(separator: ", "))); `wasm-server check --for \(host)` says more"
            guard admission == .warn else {
                throw CommandFailure(.dataError, "\(why); serve one that it loads, or write --admission warn")
            }
            return why
        }
        let others = HostProfile.envoys.filter { !rules($0).isEmpty }
        guard hostProfile == nil, let first = others.first else { return nil }
        let names = others.map(\.name).joined(separator: ", ")
        return
            "\(names) would not load \(path) (\(rules(first).joined(separator: ", "))); say by --host-profile whom it is for"
    }
}
