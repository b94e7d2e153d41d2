// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser
internal import ProxyWasm

/// Whom modules are checked for, as `--for` says it: names of hosts, divided by commas.
struct HostChoice: ExpressibleByArgument {
    /// Every host that is known.
    private static let everyone = "all"
    /// No host: whether it is valid WebAssembly, and nothing else.
    private static let nobody = "wasm"

    /// Every name that may be said.
    static var allValueStrings: [String] { HostProfile.all.map(\.name) + [everyone, nobody] }

    /// The hosts, in the order in which they were named.
    let hosts: [HostProfile]
    /// Whether it is asked, too, for no host.
    private let asksForNone: Bool

    /// The newest host, which is meant if none is named.
    static let newest = HostChoice(hosts: [.newest])

    private init(hosts: [HostProfile]) {
        (self.hosts, asksForNone) = (hosts, false)
    }

    /// The hosts of a list; nil if one of its names is not known.
    init?(argument: String) {
        var (hosts, asksForNone): ([HostProfile], Bool) = ([], false)
        for name in argument.split(separator: ",", omittingEmptySubsequences: false) {
            switch String(name) {
            case Self.everyone: hosts += HostProfile.all
            case Self.nobody: asksForNone = true
            case let name:
                guard let host = HostProfile(named: name) else { return nil }
                hosts.append(host)
            }
        }
        (self.hosts, self.asksForNone) = (hosts, asksForNone)
    }

    /// The hosts of several lists, each once.
    ///
    /// - Throws: ``CommandFailure`` if they ask for no host as well as for some.
    static func hosts(in choices: [HostChoice]) throws(CommandFailure) -> [HostProfile] {
        let hosts: [HostProfile] = choices.flatMap(\.hosts).reduce(into: []) { hosts, host in
            if !hosts.contains(host) { hosts.append(host) }
        }
        guard let first = hosts.first, choices.contains(where: \.asksForNone) else { return hosts }
        throw CommandFailure(
            .usage,
            "--for is '\(nobody)', whether it is valid WebAssembly and nothing else, and '\(first)'; leave one of them out"
        )
    }
}
