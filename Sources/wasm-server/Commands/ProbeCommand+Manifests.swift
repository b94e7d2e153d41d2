// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import GatewayConfiguration
internal import Probe
internal import ServerClient
internal import SystemPackage
internal import YAMLSyntax

/// What gateways are configured with, compared with what servers serve.
extension ProbeCommand {
    private static let standardInput = "-"
    /// The longest reason that is told whole, in bytes: it may quote a key of megabytes.
    private static let longestReason = 1000

    /// Reads the manifests, and asks the server, or theirs.
    func compareManifests(_ report: ProbeReport) async throws(CommandFailure) {
        try requireManifestOptions()
        var files: [ManifestFile] = []
        for path in manifest { files.append(try Self.manifestFile(path)) }
        var origin: Origin?
        if let url { origin = try asking.origin(of: url) }
        let probe = DriftProbe(of: files, at: origin, asking: try asking.clients(), report: report.add)
        let outcome = await probe.run()
        let subject = url ?? "--manifest"
        switch outcome {
        case .ok: report.end(outcome, "Every manifest names what is current.")
        case .warning, .byDigestOnly:
            report.end(outcome, "Every gateway gets what its manifest names, except for WARN and skipped above.")
        case .failed:
            report.end(outcome, nil)
            guard files.contains(where: { !$0.namesNothing }) else {
                let names = files.map(\.name).joined(separator: ", ").abbreviated(to: Self.longestReason)
                throw CommandFailure(
                    .protocolError,
                    "--manifest: no module is named in \(names), so nothing was compared; see what FAILED".printable
                )
            }
            throw CommandFailure(
                .protocolError,
                "\(subject): a manifest is not what its gateway needs; see what FAILED"
            )
        case .unreachable:
            report.end(outcome, nil)
            throw CommandFailure(.unavailable, "\(subject): there is no answer; see what FAILED")
        }
    }

    /// Requires that nothing else is asked for, which would not be done.
    private func requireManifestOptions() throws(CommandFailure) {
        let others = [
            ("--module", module != nil), ("--host-profile", admission.hostProfile != nil),
            ("--admission", admission.admission != nil),
        ]
        if let (flag, _) = others.first(where: \.1) {
            throw CommandFailure(
                .usage,
                "\(flag): means nothing with --manifest, which names the modules; leave one of them out"
            )
        }
        // A shell makes several words of one pattern.
        if let url, !url.contains("://") {
            throw CommandFailure(.usage, "'\(url)' is not a URL; to name another file, write --manifest \(url)")
        }
        guard manifest.count(where: { $0 == Self.standardInput }) < 2 else {
            throw CommandFailure(
                .usage,
                "--manifest: - is named twice, and standard input is read once; leave one of them out"
            )
        }
    }

    /// Reads one file.
    private static func manifestFile(_ path: String) throws(CommandFailure) -> ManifestFile {
        let isStandardInput = path == standardInput
        let name = isStandardInput ? "<stdin>" : path
        let text = try TextFile.read(
            name,
            as: "the manifest",
            most: ManifestFile.limits.size,
            else: .dataError,
            from: isStandardInput ? .standardInput : nil
        )
        do throws(YAMLError) {
            return try ManifestFile(text, named: name)
        } catch {
            throw CommandFailure(.dataError, (name + error.description.abbreviated(to: longestReason)).printable)
        }
    }
}
