// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser
internal import Content
internal import ServerInterface

/// What a rollout is waited for: how many gateways are to have which bytes.
struct RolloutGoal {
    /// How many gateways.
    enum Quantity: Equatable, ExpressibleByArgument {
        /// All that are known, at least one.
        case all
        /// So many.
        case count(Int)
        /// So many of a hundred that are known, at least one.
        case percent(Int)

        /// The quantity that a person writes: `all`, `5`, `95%`.
        init?(argument: String) {
            let isPercent = argument.hasSuffix("%")
            let digits = isPercent ? argument.dropLast() : argument[...]
            if argument == "all" {
                self = .all
            } else if digits.utf8.allSatisfy(\.isDigit), let number = Int(digits), number > 0 {
                guard !isPercent || number <= 100 else { return nil }
                self = isPercent ? .percent(number) : .count(number)
            } else {
                return nil
            }
        }
    }

    /// How far it is.
    struct Progress: Equatable {
        /// The gateways that have the bytes.
        let having: Int
        /// Those that are known.
        let known: Int
        /// Those that do not have them, the first of whom matter most.
        let others: [FleetDocument.Client]
        /// The replicas that do not tell of theirs: nobody can know what is all of them then.
        let silent: [String]
        /// Whether the goal is reached.
        let isReached: Bool
    }

    let quantity: Quantity
    /// The bytes; nil for those that are served at the time.
    let digest: Digest?
    /// The module's path.
    let module: String

    /// How far it is by a document.
    func progress(in fleet: FleetDocument) -> Progress {
        let gateways = fleet.clients.filter { $0.isGateway && $0.module == module }
        let wanted = digest?.hexadecimal ?? fleet.modules.first { $0.path == module }?.sha256
        let others = gateways.filter { $0.sha256 != wanted || wanted == nil || $0.state == FleetDocument.failed }
        let (having, known) = counts(gateways.count, others.count, wanted, in: fleet)
        let silent = fleet.replicas.filter { $0.state == FleetDocument.silent }.map(\.address)
        let isReached =
            switch quantity {
            case .all: having > 0 && having >= known && silent.isEmpty
            case .count(let count): having >= count
            case .percent(let share):
                having > 0 && Double(having) * 100 >= Double(known) * Double(share) && silent.isEmpty
            }
        return Progress(having: having, known: known, others: others, silent: silent, isReached: isReached)
    }

    /// How many gateways have the bytes, at least, and how many there are.
    ///
    /// Where not all are listed, the server's own counts tell that of what it serves. How many have other bytes only the list tells.
    private func counts(
        _ listed: Int,
        _ others: Int,
        _ wanted: String?,
        in fleet: FleetDocument
    ) -> (having: Int, known: Int) {
        let served = fleet.modules.first { $0.path == module }
        guard fleet.omitted > 0, let served else { return (listed - others, listed) }
        return (served.sha256 == wanted ? served.gateways.current : listed - others, served.gateways.all)
    }
}
