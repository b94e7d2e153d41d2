// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import HTTPTransport

/// Whether the system lets the process open as many files as a command needs, which is asked before event loops begin: they
/// could not say so.
enum OpenFiles {
    /// What a command that asks a server needs besides, generously.
    private static let asking = 32

    /// Requires what asking a server takes.
    ///
    /// - Throws: ``CommandFailure`` if the limit is lower.
    static func requireEnoughToAsk() throws(CommandFailure) {
        let limit = Int(platform_raise_descriptor_limit())
        guard limit >= EventLoops.descriptorCount + asking else { throw tooFew(limit) }
    }

    /// Requires what serving one module to one client takes.
    ///
    /// - Throws: ``CommandFailure`` if the limit is lower.
    static func requireEnoughToServe() throws(CommandFailure) {
        let limit = Int(platform_raise_descriptor_limit())
        let modules =
            2 * ConnectionBudget.currentModules(descriptors: limit) + ConnectionBudget.keptModules(descriptors: limit)
        let rest = limit - EventLoops.descriptorCount
        guard ConnectionBudget(wanted: 1, ports: 1, modules: modules, descriptors: rest) != nil else {
            throw tooFew(limit)
        }
    }

    private static func tooFew(_ limit: Int) -> CommandFailure {
        CommandFailure(
            .systemError,
            """
            the limit of open files is \(limit), which is too low; raise it to 1024 or more (`ulimit -n 1024`, \
            `LimitNOFILE=` of a systemd unit, `--ulimit nofile=` of a container)
            """
        )
    }
}

/// How many connections the ports may have, within the descriptors that the system grants.
struct ConnectionBudget: Equatable {
    /// Of each data port.
    let data: Int
    /// Of the operations port: a kubelet and a few collectors.
    static let operations = 64
    /// What the program needs besides modules and connections, generously.
    private static let overhead = 64
    private static let mostKeptModules = 1024

    /// Shares out the descriptors that the system grants; nil if not even one connection is left.
    ///
    /// - Parameters:
    ///   - wanted: How many connections a data port should have.
    ///   - ports: How many data ports there are.
    ///   - modules: How many modules may hold a descriptor each at one time.
    ///   - descriptors: How many the system grants.
    init?(wanted: Int, ports: Int, modules: Int, descriptors: Int) {
        let free = (descriptors - modules - Self.operations - Self.overhead) / max(ports, 1)
        guard free > 0 else { return nil }
        data = min(wanted, free)
    }

    /// How many modules may be current: so many that, when all of them are replaced at once, those before and those after
    /// take half of what the system grants.
    static func currentModules(descriptors: Int) -> Int {
        max((descriptors - operations - overhead - keptModules(descriptors: descriptors)) / 4, 1)
    }

    /// How many modules may be kept: a small part of the descriptors that the system grants.
    static func keptModules(descriptors: Int) -> Int {
        min(mostKeptModules, max(descriptors / 8, 1))
    }

    /// The limits of a data port.
    func limits(perClient: Int?) -> Limits {
        var limits = Limits()
        limits.connections.count = data
        limits.connections.countPerAddress = perClient
        return limits
    }

    /// The limits of the operations port.
    static let operationsLimits = Limits.ofProbes(connections: operations)
}
