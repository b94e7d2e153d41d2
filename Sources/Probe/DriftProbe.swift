// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import GatewayConfiguration
package import ServerClient

/// Compares what gateways' configuration names with what servers serve.
///
/// 1. What names no module of a server's is told, and so is what makes no sense by itself.
/// 2. Each server is asked what it serves: the one that is named, or else those of the URLs.
/// 3. Each reference is judged by that.
package struct DriftProbe: Sendable {
    /// Makes a client of a server.
    package typealias Asking = @Sendable (Origin) -> ServerClient

    /// The most references that are looked at.
    private static let mostReferences = 10_000
    /// The most servers that are asked: each that does not answer costs the time of an answer.
    private static let mostOrigins = 32
    /// The most kinds of objects that are named.
    private static let mostKinds = 8

    private let files: [ManifestFile]
    private let origin: Origin?
    private let client: Asking
    private let report: Probe.Reporter

    /// A probe for files of configuration.
    ///
    /// - Parameters:
    ///   - files: The files.
    ///   - origin: The server that is asked of every module; nil for those that the URLs name.
    ///   - client: Makes a client of a server.
    ///   - report: Receives each result.
    package init(
        of files: [ManifestFile],
        at origin: Origin?,
        asking client: @escaping Asking,
        report: @escaping Probe.Reporter
    ) {
        (self.files, self.origin, self.report) = (files, origin, report)
        self.client = { client($0).asProbe }
    }

    /// Runs every check.
    package func run() async -> Probe.Outcome {
        let results = Results(report)
        // One of several files may name nothing; but that nothing was wrong with nothing says nothing of gateways.
        let verdict: ProbeResult.Verdict = files.allSatisfy(\.namesNothing) ? .failed : .skipped
        for file in files { tellOthers(in: file, results, ifNothing: verdict) }
        let references = files.flatMap(\.references)
        if references.count > Self.mostReferences {
            let rest = references.count - Self.mostReferences
            results.add(
                .init(
                    .skipped,
                    "manifests",
                    "\(rest) of \(references.count) modules are not looked at",
                    "name fewer files"
                )
            )
        }
        let (origins, targets) = targets(of: references.prefix(Self.mostReferences), results)
        var isAnswered = origins.isEmpty
        for origin in origins.prefix(Self.mostOrigins) where await compare(targets[origin] ?? [], at: origin, results) {
            isAnswered = true
        }
        for origin in origins.dropFirst(Self.mostOrigins) {
            skip(targets[origin] ?? [], "is not compared: \(Self.mostOrigins) other servers were asked")
        }
        return isAnswered ? Probe.Outcome(of: results.verdicts, areAlike: true) : .unreachable
    }

    /// A reference that makes sense.
    private typealias Reference = (check: ReferenceCheck, target: ReferenceCheck.Target)

    /// What to ask each server for; servers are in the order in which they are named.
    private func targets(
        of references: ArraySlice<ModuleReference>,
        _ results: Results
    ) -> ([Origin], [Origin: [Reference]]) {
        var origins: [Origin] = []
        var targets: [Origin: [Reference]] = [:]
        for reference in references {
            let check = ReferenceCheck(reference, results)
            guard let target = check.target() else { continue }
            let origin = self.origin ?? target.url.origin
            if targets[origin] == nil { origins.append(origin) }
            targets[origin, default: []].append((check, target))
        }
        return (origins, targets)
    }

    /// Judges references by what a server serves; returns whether anyone answers there.
    private func compare(_ references: [Reference], at origin: Origin, _ results: Results) async -> Bool {
        switch await ServedModules.load(with: client(origin), isNamed: self.origin != nil, results) {
        case .servers(var served):
            for (check, target) in references {
                let isOfThese = self.origin == nil || target.url.origin == origin
                await check.compare(target, with: &served, isOfThese: isOfThese)
                check.checkRetries()
            }
            return true
        case .strangers:
            skip(references, "is not compared: \(origin) has no list of modules")
            return true
        case .nobody:
            skip(references, "is not compared: \(origin) does not answer")
            return false
        }
    }

    /// Envoy's retry policy needs no server to be judged.
    private func skip(_ references: [Reference], _ reason: String) {
        for (check, _) in references {
            check.skip(reason)
            check.checkRetries()
        }
    }

    /// Tells what in a file no server of modules can be asked for; a verdict, if there is nothing else.
    private func tellOthers(in file: ManifestFile, _ results: Results, ifNothing verdict: ProbeResult.Verdict) {
        for source in (file.otherSources + file.misnomers).prefix(Self.mostReferences) {
            results.add(.init(.skipped, "\(source.place)", source.reason))
        }
        let kinds = file.otherKinds
        guard !kinds.isEmpty else {
            guard file.namesNothing else { return }
            let isEmpty = file.misnomers.isEmpty
            let detail = isEmpty ? "holds nothing" : "names no module"
            results.add(.init(verdict, file.name, detail, isEmpty ? Self.remedyOfNothing : Self.remedyOfOthers))
            return
        }
        let names = kinds.prefix(Self.mostKinds).map { "\($0.count) \($0.kind)" }.joined(separator: ", ")
        let more = kinds.count > Self.mostKinds ? " and \(kinds.count - Self.mostKinds) more kinds" : ""
        guard file.namesNothing else {
            return results.add(.init(.skipped, file.name, "has objects that name no module: \(names)\(more)"))
        }
        results.add(.init(verdict, file.name, "names no module: \(names)\(more)", Self.remedyOfOthers))
    }

    private static let remedyOfNothing: Remedy =
        "see whether what wrote it has failed: who cannot reach the cluster's API, or may not read there, prints nothing"
    private static let remedyOfOthers: Remedy =
        "name the objects that configure gateways, in all namespaces, such as EnvoyFilter, WasmPlugin or EnvoyExtensionPolicy"
}
