// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPProtocol
internal import HTTPTransport

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
