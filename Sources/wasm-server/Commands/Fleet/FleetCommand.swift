// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser
internal import Content
internal import ServerClient
internal import ServerInterface

/// `wasm-server fleet`: who has fetched what; and waits for a rollout.
struct FleetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet",
        abstract: "Tell which gateways have fetched which bytes, or wait until they have.",
        usage: "wasm-server fleet [<options>] <url>",
        discussion: """
            It asks the operations port of a server, which knows what its peers know, too. Of each module it tells who is current (was sent \
            what is served now), behind (came since it changed, and has only an older one), missing (has an older one and has not come \
            since) or failed (its last fetch was cut or refused). That a gateway was sent bytes does not mean that it runs them.

                wasm-server fleet http://localhost:9082

            With --wait-for it is a gate for pipelines: it exits with 0 as soon as so many gateways have the bytes, and otherwise tells \
            who has not and exits with 75. A gateway that has never come is not known, so name a number where it matters.

            Scripts read what --output json prints, which is what the server answers at /fleet: docs/schemas/fleet.schema.json.
            """
    )

    @Argument(help: "The operations port of a server: http://HOST:PORT.")
    var url: String

    @Option(help: ArgumentHelp("The one module to tell of, by its path. (default: all)", valueName: "path"))
    var module: String?

    @Option(
        help: ArgumentHelp(
            "Wait until so many gateways have the bytes: all that are known, a number, or a share such as 95%.",
            valueName: "gateways"
        )
    )
    var waitFor: RolloutGoal.Quantity?

    @Option(
        help: ArgumentHelp("The sha256 that they are to have. (default: that of what is served)", valueName: "sha256")
    )
    var digest: String?

    @Option(help: ArgumentHelp("How long to wait. (default: 5m)", valueName: "time"))
    var timeout: String?

    @Option(help: ArgumentHelp("text, or json: the document of the server.", valueName: "format"))
    var output: Format = .text

    /// How it is printed.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    /// How long an answer may take.
    static let answerTimeout = Duration.seconds(10)
    private static let defaultTimeout = Duration.seconds(300)
    private static let longestTimeout = Duration.seconds(24 * 3600)
    /// The most modules that a message names.
    private static let mostNamed = 20

    func run() async throws {
        try await CommandFailure.reporting { () throws(CommandFailure) in
            let client = try client()
            guard let waitFor else {
                try requireGoal()
                let fleet = try await client.fleet()
                try Self.require(module, in: fleet, of: client.origin)
                return print(fleet) { $0.lines(of: fleet, module: module) }
            }
            let wait = RolloutWait(waitFor, of: module, digest: try wantedDigest(), within: try time())
            let (fleet, progress) = try await wait.run(asking: client)
            if progress.isReached { return print(fleet) { $0.lines(of: fleet, module: module) } }
            print(fleet) { $0.table(progress.others) }
            throw wait.failure(progress, client.origin)
        }
    }

    // MARK: What was asked for

    private func client() throws(CommandFailure) -> ServerClient {
        let origin: Origin
        do throws(ServerNameError) {
            origin = try Origin(url)
        } catch {
            throw CommandFailure(.usage, error.description)
        }
        guard !origin.isSecure else {
            throw CommandFailure(.usage, "\(url): the operations port speaks no TLS; write http://")
        }
        try OpenFiles.requireEnoughToAsk()
        return ServerClient(origin, timeout: Self.answerTimeout)
    }

    private func requireGoal() throws(CommandFailure) {
        let given = digest != nil ? "--digest" : timeout != nil ? "--timeout" : nil
        guard let given else { return }
        throw CommandFailure(.usage, "\(given) has no effect without --wait-for; give both, or leave it out")
    }

    private func wantedDigest() throws(CommandFailure) -> Digest? {
        guard let digest else { return nil }
        guard let wanted = Digest(hexadecimal: digest) else {
            throw CommandFailure(
                .usage,
                "--digest: '\(digest)' is no sha256; write its 64 lowercase hexadecimal digits"
            )
        }
        return wanted
    }

    private func time() throws(CommandFailure) -> Duration {
        guard let timeout else { return Self.defaultTimeout }
        guard let span = TimeSpan(timeout), span.duration <= Self.longestTimeout else {
            throw CommandFailure(.usage, "--timeout: '\(timeout)' must be a time of up to 24h, such as 30s, 5m or 1h")
        }
        return span.duration
    }

    // MARK: What is printed

    private func print(_ fleet: FleetDocument, _ lines: (FleetText) -> [String]) {
        switch output {
        case .text: for line in lines(FleetText(layout: .ofOutput)) { StandardStream.output.print(line) }
        case .json: StandardStream.output.print(JSONDocument.text(of: fleet))
        }
    }

    /// Requires that a server serves something at a path, if one is named.
    static func require(_ module: String?, in fleet: FleetDocument, of origin: Origin) throws(CommandFailure) {
        let paths = fleet.modules.map(\.path)
        guard let module, !paths.contains(module) else { return }
        let hint =
            ChoiceHint(for: module, among: paths).words.map { "; \($0)" }
            ?? "; it serves \(paths.prefix(mostNamed).joined(separator: ", "))\(paths.count > mostNamed ? " and more" : "")"
        throw CommandFailure(.usage, "--module: \(origin) serves nothing at '\(module)'\(hint)".printable)
    }
}

extension ServerClient {
    /// Who has fetched what of a server.
    ///
    /// - Throws: ``CommandFailure`` with what is wrong and what to do.
    func fleet() async throws(CommandFailure) -> FleetDocument {
        let response: FetchedResponse
        do throws(FetchError) {
            response = try await fetch(FetchRequest(FleetDocument.path, limit: FleetDocument.maximumSize))
        } catch {
            try await denyMistake(of: .operations, after: error, .protocolError)
            throw CommandFailure(.unavailable, "\(origin): \(error); \(error.remedy.words)")
        }
        if response.status == 200, let fleet = FleetDocument(response.body) { return fleet }
        // Whoever is about to be replaced may say so.
        guard response.status < 500 else { throw CommandFailure(.unavailable, "\(origin): /fleet \(response.words)") }
        try await denyMistake(of: .operations, after: nil, .protocolError)
        throw CommandFailure(
            .protocolError,
            """
            \(origin): /fleet \(response.status == 200 ? "is something else than a list of clients" : response.words); name the operations port \
            of a Wasm Server that remembers clients (--fleet-clients)
            """
        )
    }
}
