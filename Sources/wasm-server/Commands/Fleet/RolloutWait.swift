// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import ServerClient
internal import ServerInterface

/// Asks a server again and again until a rollout has come as far as it is to, or the time is up.
struct RolloutWait {
    private let quantity: RolloutGoal.Quantity
    private let module: String?
    private let digest: Digest?
    private let time: Duration

    /// How long it waits before it asks again.
    private static let period = Duration.seconds(1)
    /// How long an answer may take at least, however little time is left: as long as a server takes for it at most, so that the last one
    /// does not end as one that there is none.
    private static let shortestAnswer = Duration.seconds(6)

    /// A wait.
    ///
    /// - Parameters:
    ///   - quantity: How many gateways are to have the bytes.
    ///   - module: The module's path; nil for the only one, or that of the digest.
    ///   - digest: The bytes; nil for those that are served.
    ///   - time: How long it may take.
    init(_ quantity: RolloutGoal.Quantity, of module: String?, digest: Digest?, within time: Duration) {
        (self.quantity, self.module, self.digest, self.time) = (quantity, module, digest, time)
    }

    /// Waits; a server that does not answer may be about to be replaced, so it is asked again, too.
    ///
    /// - Returns: The last answer, and how far the rollout is by it.
    /// - Throws: ``CommandFailure`` if there is no answer, or one that says that there is nothing to wait for.
    func run(asking client: ServerClient) async throws(CommandFailure) -> (FleetDocument, RolloutGoal.Progress) {
        let end = ContinuousClock.now + time
        var last: (fleet: FleetDocument, progress: RolloutGoal.Progress)?
        var failure: CommandFailure?
        while true {
            do throws(CommandFailure) {
                let rest = min(max(end - .now, Self.shortestAnswer), FleetCommand.answerTimeout)
                let fleet = try await client.answering(within: rest).fleet()
                let progress = try goal(in: fleet, of: client.origin).progress(in: fleet)
                if progress != last?.progress { tell(progress) }
                (last, failure) = ((fleet, progress), nil)
                if progress.isReached { return (fleet, progress) }
            } catch {
                guard [.unavailable, .temporaryFailure].contains(error.status) else { throw error }
                if failure == nil { StandardStream.error.say("wasm-server: \(error.message); it is asked again") }
                failure = error
            }
            guard ContinuousClock.now < end else { break }
            try? await Task.sleep(for: Self.period)
        }
        // What it has said before may not be so any more.
        if let failure { throw failure }
        guard let last else { throw CommandFailure(.unavailable, "\(client.origin): there is no answer") }
        return last
    }

    /// What there is to say when the time is up.
    func failure(_ progress: RolloutGoal.Progress, _ origin: Origin) -> CommandFailure {
        let time = TimeSpan.text(time)
        guard progress.known > 0 else {
            return CommandFailure(
                .temporaryFailure,
                "\(origin): no gateway has come within \(time); look whether one is configured to fetch from this server"
            )
        }
        let wanted =
            switch quantity {
            case .count(let count): "\(count) that are waited for"
            case .all, .percent: "\(progress.known) gateways"
            }
        let others = progress.others.isEmpty ? "" : "; look at those above"
        let silent =
            progress.silent.isEmpty
            ? "" : "; what \(progress.silent.joined(separator: ", ")) has seen is not known, look why it does not tell"
        return CommandFailure(
            .temporaryFailure,
            "\(origin): after \(time) \(progress.having) of \(wanted) have it\(others)\(silent)"
        )
    }

    private func tell(_ progress: RolloutGoal.Progress) {
        StandardStream.error.say("wasm-server: \(progress.having) of \(progress.known) gateways have it")
    }

    private func goal(in fleet: FleetDocument, of origin: Origin) throws(CommandFailure) -> RolloutGoal {
        if digest == nil { try FleetCommand.require(module, in: fleet, of: origin) }
        let paths = fleet.modules.map(\.path)
        let owners = fleet.modules.filter { digest != nil && $0.sha256 == digest?.hexadecimal }.map(\.path)
        let path = module ?? (owners.count == 1 ? owners.first : paths.count == 1 ? paths.first : nil)
        guard let path, paths.contains(path) else {
            if let digest, owners.isEmpty {
                // Another replica may have it already, or this one in a moment.
                throw CommandFailure(.temporaryFailure, "\(origin): serves nothing with the sha256 \(digest) yet")
            }
            throw CommandFailure(
                .usage,
                paths.isEmpty
                    ? "\(origin): serves no module by name; check its log"
                    : "\(origin): serves \(paths.count) modules; name one of them by --module"
            )
        }
        return RolloutGoal(quantity: quantity, digest: digest, module: path)
    }
}
