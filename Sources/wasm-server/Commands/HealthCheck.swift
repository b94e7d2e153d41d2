// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Probe
internal import ServerClient

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Whether the server that runs in this container is ready: small and fast, as it is asked again and again.
enum HealthCheck {
    private static let timeout = Duration.seconds(3)

    /// Why a server is not ready.
    struct Fault {
        /// How the command ends.
        let status: ExitStatus
        /// What was asked, what came, and what to do about it.
        let result: ProbeResult
    }

    /// Asks the probes, and the data port unless it speaks TLS only, by the settings that the server itself would read.
    ///
    /// It returns why the server is not ready, and fails if the settings do not tell where to ask.
    static func run() async throws(CommandFailure) -> Fault? {
        try OpenFiles.requireEnoughToAsk()
        let environment = ProcessInfo.processInfo.environment
        let file = try ConfigurationFile.entries(named: nil, Variables(environment))
        let settings = try SettingsReader(flags: [:], environment: environment, file: file)
            .settings(demo: true, isTerminal: false)
        if let fault = try await ask("/readyz", settings.operationsPort, .operationsPort, settings) { return fault }
        // Over TLS the certificate need not be for this address, nor need the server let us in.
        guard !settings.uses(.tls) || settings.tls.port != nil else { return nil }
        return try await ask("/health", settings.port, .port, settings)
    }

    private static func ask(_ path: String, _ port: Int, _ setting: Setting, _ settings: Settings)
        async throws(CommandFailure) -> Fault?
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
        let subject = "\(client.origin)\(path)"
        do throws(FetchError) {
            let response = try await client.fetch(FetchRequest(path, limit: 64 << 10))
            guard response.status != 200 else { return nil }
            // Whatever may be there, a server that is not ready says so in this way.
            let mistake = response.status == 503 ? nil : await mistake(of: client, after: nil, setting)
            let words = mistake?.words ?? response.words
            let remedy = mistake?.remedy(in: setting) ?? "check the server's log"
            return Fault(status: .protocolError, result: ProbeResult(.failed, subject, words, remedy))
        } catch {
            let mistake = await mistake(of: client, after: error, setting)
            let remedy = mistake?.remedy(in: setting) ?? error.remedy
            return Fault(
                status: mistake == nil ? .unavailable : .protocolError,
                result: ProbeResult(.failed, subject, mistake?.words ?? "\(error)", remedy)
            )
        }
    }

    private static func mistake(of client: ServerClient, after failure: FetchError?, _ setting: Setting) async
        -> PortMistake?
    {
        guard let address = try? await client.addresses().first else { return nil }
        return setting == .operationsPort
            ? await client.mistakeOfOperations(at: address, after: failure)
            : await client.mistake(at: address, after: failure)
    }
}

extension PortMistake {
    /// What to do where a setting says which port that is.
    fileprivate func remedy(in setting: Setting) -> Remedy { "\(remedy.words), in \(setting.variable)" }
}
