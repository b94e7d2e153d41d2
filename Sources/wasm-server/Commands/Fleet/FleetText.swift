// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import ServerInterface

/// What `fleet` prints for a person: each module with how many gateways have what of it, and each client, failures first.
struct FleetText {
    let layout: TextLayout

    /// The lines of a document; with a path only what is about that module.
    func lines(of fleet: FleetDocument, module: String?) -> [String] {
        let modules = fleet.modules.filter { module == nil || $0.path == module }
        var lines = modules.flatMap { module in
            let clients = fleet.clients.filter { $0.module == module.path }
            return [layout.heading(module.path)] + summary(of: module) + table(clients) + [""]
        }
        let strays = module == nil ? fleet.clients.filter { $0.module == nil } : []
        if !strays.isEmpty {
            lines += [layout.heading("Asked for what is not served")] + table(strays) + [""]
        }
        return lines + notes(on: fleet)
    }

    /// A table of clients.
    func table(_ clients: [FleetDocument.Client]) -> [String] {
        var table = TextTable(.left, .left, .left, .left, .left, .left)
        for client in clients {
            table.add(client.state, client.client, client.kind, client.has, client.last, client.came)
        }
        return table.lines(width: layout.width)
    }

    private func summary(of module: FleetDocument.Module) -> [String] {
        let counts = module.gateways
        let states = [
            ("failed", counts.failed), ("behind", counts.behind), ("missing", counts.missing),
            ("current", counts.current),
        ]
        let told = states.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
        let served =
            module.sha256.map { "\($0), since \(module.since ?? "")" }
            ?? "nothing is served: what was found is rejected"
        return ["  \(served.printable)", "  gateways: \(told.isEmpty ? "none has come" : told)"]
    }

    private func notes(on fleet: FleetDocument) -> [String] {
        let silent = fleet.replicas.compactMap { replica in
            replica.failure.map { failure in
                let last = replica.lastTold.map { "told last at \($0)" } ?? "has told nothing"
                return "\(replica.address): \(last): \(failure)".printable
            }
        }
        let heading = silent.isEmpty ? [] : ["Replicas whose clients may be missing here:"] + silent.map { "  \($0)" }
        let forgotten =
            fleet.forgotten > 0 ? ["\(fleet.forgotten) clients or fetches were forgotten to make room."] : []
        let omitted = fleet.omitted > 0 ? ["\(fleet.omitted) more are left out."] : []
        return omitted + heading + forgotten
    }
}

extension FleetDocument.Client {
    /// What it has, shortened.
    fileprivate var has: String { sha256.map { "has \($0.prefix(12))" } ?? "has nothing" }

    /// How it came last.
    fileprivate var came: String {
        let end =
            switch outcome {
            case "whole": "whole"
            case "not_modified": "not modified"
            case "part": "a part"
            case "cut": "cut off"
            default: "\(outcome) (\(status))"
            }
        let other = asked == sha256 ? "" : ", asked for \(asked.count == 64 ? String(asked.prefix(12)) : asked)"
        return "\(end), \(self.protocol)\(other)\(toldBy.map { ", told by \($0)" } ?? "")"
    }
}
