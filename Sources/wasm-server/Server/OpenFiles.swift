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
