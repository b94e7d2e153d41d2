// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ServerClient

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Whether the server that runs in this container is ready: small and fast, as it is asked again and again.
enum HealthCheck {
    private static let timeout = Duration.seconds(3)

    /// Asks the probes, and the data port unless it speaks TLS only, by the settings that the server itself would read.
    ///
    /// - Throws: ``CommandFailure`` if it is not ready.
    static func run() async throws(CommandFailure) {
        try OpenFiles.requireEnoughToAsk()
        let environment = ProcessInfo.processInfo.environment
        let file = try ConfigurationFile.entries(named: nil, Variables(environment))
        let settings = try SettingsReader(flags: [:], environment: environment, file: file)
            .settings(arguments: [], demo: true, isTerminal: false)
        try await ask("/readyz", settings.operationsPort, .operationsPort, settings)
        // Over TLS the certificate need not be for this address, nor need the server let us in.
        if settings.tls == nil || settings.tls?.port != nil { try await ask("/health", settings.port, .port, settings) }
    }

    private static func ask(_ path: String, _ port: Int, _ setting: Setting, _ settings: Settings)
        async throws(CommandFailure)
    {
        guard port != 0 else {
            throw CommandFailure(
                .configuration,
                "\(setting.variable): is 0, any free port, so it is not known where to ask; name a port"
            )
        }
        let host = settings.host.map { ["0.0.0.0", "::"].contains($0) ? "127.0.0.1" : $0 } ?? "127.0.0.1"
        let name: ServerName
        do throws(ServerNameError) {
            name = try ServerName(host)
        } catch {
            throw CommandFailure(.configuration, error.description)
        }
        let client = ServerClient(Origin(isSecure: false, name: name, port: port), timeout: timeout)
        let response: FetchedResponse
        do throws(FetchError) {
            response = try await client.fetch(FetchRequest(path, limit: 64 << 10))
        } catch {
            throw CommandFailure(.unavailable, "\(client.origin)\(path): \(error); \(error.remedy)")
        }
        guard response.status == 200 else {
            let text = String(decoding: response.body.prefix(200), as: UTF8.self).split(separator: "\n").joined(
                separator: ", "
            )
            throw CommandFailure(
                .protocolError,
                "\(client.origin)\(path): answers \(response.status): \(text.printable); check its log"
            )
        }
    }
}
