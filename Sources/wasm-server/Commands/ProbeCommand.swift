// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser
internal import Probe
internal import ServerClient

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// `wasm-server probe`: asks a running server as each client would.
struct ProbeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Ask a running server as each of its clients would, and report what works and what does not.",
        usage: "wasm-server probe [<options>] [<url>]",
        discussion: """
            With a URL it asks every address of that name for its modules: over HTTP/1.1 and HTTP/2, as Envoy, istio-agent \
            and Envoy Gateway do, by name and by digest, and verifies what comes. Run it before a rollout, where the \
            gateways are:

                wasm-server probe http://wasm-server.example:8082

            With --manifest it compares what gateways are configured with, as it is in Git or in a cluster, with what \
            the server serves; without a URL, each module's own server is asked:

                kubectl get envoyfilter -A -o yaml | wasm-server probe --manifest -

            With neither it asks the server that runs beside it with the same variables whether it is ready: a \
            container's health check.

            It exits with 0 if nothing FAILED, with 69 if there is no answer, and with 76 if an answer is not what a \
            client needs. Scripts read what --output json prints; its members are described in \
            docs/schemas/probe.schema.json.
            """
    )

    @Argument(help: "The server: http://HOST:PORT or https://HOST:PORT.")
    var url: String?

    @Option(
        help: ArgumentHelp(
            "The one module to check, by its path. (default: the first 8 that the server lists)",
            valueName: "path"
        )
    )
    var module: String?

    @Option(
        help: ArgumentHelp(
            """
            Gateways' configuration, YAML or JSON: EnvoyFilter, WasmPlugin, EnvoyExtensionPolicy, Consul's, Envoy's own; - is \
            standard input. Once for each file.
            """,
            valueName: "file"
        ),
        completion: .file()
    )
    var manifest: [String] = []

    @Option(help: ArgumentHelp("text, or json: one document at the end.", valueName: "format"))
    var output: ProbeReport.Format = .text

    @Flag(help: "Print only what FAILED or was skipped, and whether replicas differ.")
    var quiet = false

    @OptionGroup var admission: AdmissionOptions
    @OptionGroup var asking: AskingOptions

    func run() async throws {
        try await CommandFailure.reporting { () throws(CommandFailure) in
            let report = ProbeReport(of: url, as: output, isQuiet: quiet)
            guard manifest.isEmpty else { return try await compareManifests(report) }
            guard let url else { return try await checkHealth(report) }
            let demand = try admission.demand()
            let probe = Probe(
                try asking.client(of: url),
                of: try path(),
                loadedBy: demand.host,
                demand.mode,
                report: report.add
            )
            let outcome = await probe.run()
            report.end(outcome, outcome.summary)
            switch outcome {
            case .ok, .warning, .byDigestOnly: break
            case .failed:
                throw CommandFailure(.protocolError, "\(url): something is not what a client needs; see what FAILED")
            case .unreachable: throw CommandFailure(.unavailable, "\(url): there is no answer; see what FAILED")
            }
        }
    }

    private func checkHealth(_ report: ProbeReport) async throws(CommandFailure) {
        let fault: HealthCheck.Fault?
        do throws(CommandFailure) {
            fault = try await HealthCheck.run()
        } catch {
            if output == .json { report.add(ProbeResult(.failed, "the server beside this command", error.message)) }
            report.end(.failed, nil)
            throw error
        }
        guard let fault else { return report.end(.ok, "ready") }
        if output == .json { report.add(fault.result) }
        report.end(.failed, nil)
        throw CommandFailure(fault.status, fault.result.line)
    }

    private func path() throws(CommandFailure) -> String? {
        guard let module else { return nil }
        guard module.utf8.first == UInt8(ascii: "/") else {
            throw CommandFailure(
                .usage,
                "--module: '\(module)' is not a path; write it as /modules lists it, such as /plugin.wasm"
            )
        }
        return module
    }
}

extension Probe.Outcome {
    /// One line for a person; nil where an error says it.
    fileprivate var summary: String? {
        switch self {
        case .ok: "Every client gets what it needs."
        case .warning: "Every client gets what it needs, except for WARN and skipped above."
        case .byDigestOnly:
            "Who fetches by digest gets what it needs; who fetches by name may fail while replicas differ."
        case .failed, .unreachable: nil
        }
    }
}
