// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser
internal import Credentials
internal import ServerClient
internal import ServerInterface

/// How a server is asked by the commands that ask one.
struct AskingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The authorities of the server's certificate, PEM. (default: the system's)",
            valueName: "file"
        ),
        completion: .file()
    )
    var ca: String?

    @Option(
        help: ArgumentHelp("A client certificate, PEM, where the server requires one.", valueName: "file"),
        completion: .file()
    )
    var certificate: String?

    @Option(help: ArgumentHelp("The client certificate's private key, PEM.", valueName: "file"), completion: .file())
    var key: String?

    @Option(help: ArgumentHelp("How long an answer may take. (default: 10s, as Envoy is told)", valueName: "time"))
    var timeout: String?

    private static let defaultTimeout = Duration.seconds(10)

    /// What asks the server that a URL names.
    ///
    /// - Throws: ``CommandFailure`` with the reason and the remedy.
    func client(of url: String) throws(CommandFailure) -> ServerClient {
        let origin = try origin(of: url)
        return try clients()(origin)
    }

    /// The server that a URL names.
    ///
    /// - Throws: ``CommandFailure`` with the reason and the remedy.
    func origin(of url: String) throws(CommandFailure) -> Origin {
        do throws(ServerNameError) {
            return try Origin(url)
        } catch {
            throw CommandFailure(.usage, error.description)
        }
    }

    /// What asks any server.
    ///
    /// - Throws: ``CommandFailure`` with the reason and the remedy.
    func clients() throws(CommandFailure) -> @Sendable (Origin) -> ServerClient {
        try OpenFiles.requireEnoughToAsk()
        let (trust, timeout) = (try trust(), try duration())
        return { ServerClient($0, trusting: trust, timeout: timeout) }
    }

    private func trust() throws(CommandFailure) -> ClientTLS {
        guard (certificate == nil) == (key == nil) else {
            let (given, missing) = certificate == nil ? ("--key", "--certificate") : ("--certificate", "--key")
            throw CommandFailure(.usage, "\(given): is given without \(missing); give both, or neither")
        }
        do throws(TLSError) {
            guard let certificate, let key else { return try ClientTLS(authorities: ca) }
            return try ClientTLS(authorities: ca, identity: (certificate, key))
        } catch {
            throw CommandFailure(error.isUnreadable ? .noInput : .configuration, error.description)
        }
    }

    private func duration() throws(CommandFailure) -> Duration {
        guard let timeout else { return Self.defaultTimeout }
        guard let span = TimeSpan(timeout), (.milliseconds(1)...(.seconds(3600))).contains(span.duration) else {
            throw CommandFailure(.usage, "--timeout: '\(timeout)' must be a time of up to 1h, such as 5, 500ms or 2m")
        }
        return span.duration
    }
}

extension ServerClient {
    /// What the server serves.
    ///
    /// - Throws: ``CommandFailure`` with what is wrong and what to do.
    func modules() async throws(CommandFailure) -> ModuleIndex {
        let response: FetchedResponse
        do throws(FetchError) {
            response = try await fetch(FetchRequest(ModuleIndex.path, limit: ModuleIndex.maximumSize))
        } catch {
            try await denyMistake(of: .modules, after: error, .unavailable)
            throw CommandFailure(.unavailable, "\(origin): \(error); \(error.remedy.words)")
        }
        if response.status == 200, let listing = ModuleIndex(response.body) { return listing }
        try await denyMistake(of: .modules, after: nil, .unavailable)
        guard response.status != 403 else {
            throw CommandFailure(
                .unavailable,
                "\(origin): /modules \(response.words); \(response.remedyOfDenial.words)"
            )
        }
        let answer = response.status == 200 ? "is something else than a list of modules" : response.words
        throw CommandFailure(
            .unavailable,
            "\(origin): is not a Wasm Server: /modules \(answer); name the data port of one"
        )
    }

    /// How long an answer may take by which only a mistake is explained.
    private static var longestLook: Duration { .seconds(1) }

    /// Says so if it is another port, or spoken to in another way, than is meant.
    ///
    /// - Parameters:
    ///   - purpose: What port is meant.
    ///   - failure: Why it gave no answer; nil if it gave another than was wanted.
    ///   - status: What the process ends with.
    /// - Throws: ``CommandFailure`` if it is.
    func denyMistake(
        of purpose: PortPurpose,
        after failure: FetchError?,
        _ status: ExitStatus
    ) async throws(CommandFailure) {
        // Who waited in vain for an answer should not wait as long for each of its explanations.
        let looking = answering(within: min(timeout, Self.longestLook))
        guard let mistake = await looking.mistake(of: purpose, after: failure) else { return }
        throw CommandFailure(status, "\(origin): \(mistake.words); \(mistake.remedy.words)")
    }
}
