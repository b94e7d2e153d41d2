// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ServerClient
internal import ServerInterface

extension Probe {
    /// The paths of the modules that are fetched; what is rejected or not fetched is told.
    func paths(in listing: ModuleIndex?, at place: String, _ results: Results) -> [String] {
        guard let listing else {
            results.add(
                .init(
                    .warning,
                    place,
                    "is not a Wasm Server: /modules is no list of modules",
                    "its answers are checked as far as they can be"
                )
            )
            return [path ?? "/plugin.wasm"]
        }
        let current = listing.current.compactMap(\.path)
        for module in listing.rejected where path == nil || module.path == path {
            let subject = "\(place) \(module.path ?? "a module")"
            let isReplaced = module.path.map(current.contains) ?? false
            let effect = isReplaced ? "gateways still get the one before it" : "gateways that ask for it get 503"
            results.add(
                .init(
                    isReplaced ? .warning : .failed,
                    subject,
                    "is rejected: it \(module.reason ?? "is not admissible")",
                    "put a good module in its place; until then \(effect)"
                )
            )
        }
        if let path {
            if current.contains(path) { return [path] }
            if !listing.rejected.contains(where: { $0.path == path }) {
                let alternatives = listing.alternatives(to: path) { [$0.path].compactMap(\.self) }
                results.add(.init(.failed, "\(place) \(path)", "there is no such module", .words(alternatives)))
            }
            return []
        }
        if current.isEmpty {
            results.add(.init(.failed, place, "serves no module", "check its log"))
        } else if current.count > Self.mostModules {
            let rest = current.count - Self.mostModules
            results.add(
                .init(
                    .skipped,
                    place,
                    "\(rest) of \(current.count) modules are not fetched",
                    .checkEachModule
                )
            )
        }
        return Array(current.prefix(Self.mostModules))
    }
}
