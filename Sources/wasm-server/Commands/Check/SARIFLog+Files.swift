// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import ModuleCatalog
internal import ProxyWasm

extension SARIFLog {
    /// The log of one run over files, by this version of the program.
    init(of files: [CheckedFile], version: String) {
        let rules = AdmissionPolicy.demands.map { Rule(id: $0.rule, demand: $0.demand) }
        var artifacts: [Artifact] = []
        var results: [Result] = []
        var notifications: [Notification] = []
        for file in files {
            switch file.result {
            case .success(let judgement):
                let place = Self.place(of: file, judgement, among: &artifacts)
                var writer = ResultWriter(place: place, rules: rules.map(\.id))
                results += writer.results(of: judgement)
            case .failure(let error):
                let message = Message(text: Self.escaped("\(file.displayName) \(error.reason); \(error.remedy)."))
                let location = Location(of: ArtifactLocation(uri: Self.uri(of: file.name)), at: nil)
                notifications.append(Notification(message: message, locations: [location]))
            }
        }
        let run = Run(
            tool: Tool(driver: Driver(semanticVersion: version, rules: rules)),
            invocations: [
                Invocation(executionSuccessful: notifications.isEmpty, toolExecutionNotifications: notifications)
            ],
            artifacts: artifacts,
            results: results
        )
        self.init(runs: [run])
    }

    /// Where a file is, which is among the artifacts from now on.
    private static func place(
        of file: CheckedFile,
        _ judgement: Judgement,
        among artifacts: inout [Artifact]
    ) -> ArtifactLocation {
        let uri = uri(of: file.name)
        guard let content = judgement.content else { return ArtifactLocation(uri: uri) }
        if let index = artifacts.firstIndex(where: { $0.location.uri == uri }) {
            return ArtifactLocation(uri: uri, index: index)
        }
        let hashes = ["sha-256": content.digest.hexadecimal]
        artifacts.append(Artifact(location: ArtifactLocation(uri: uri), length: content.size, hashes: hashes))
        return ArtifactLocation(uri: uri, index: artifacts.count - 1)
    }

    /// The URI of a path: a relative one stays relative, as code scanning wants it (§3.4.3; RFC 3986 §2.3).
    ///
    /// What means nothing in a path is left out: `.//a` is `a`.
    static func uri(of path: String) -> String {
        let parts = path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
        let name = path.hasPrefix("/") ? "/\(parts)" : parts
        let encoded = name.utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            let isPlain =
                scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789-._~/".unicodeScalars.contains(scalar))
            if isPlain { return String(scalar) }
            let digits = String(byte, radix: 16, uppercase: true)
            return digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
        }
        return (name.hasPrefix("/") ? "file://" : "") + encoded.joined()
    }

    /// Text in which nothing is taken for a placeholder or a link (§3.11.5 and §3.11.6).
    static func escaped(_ text: String) -> String {
        let braced = text.printable.replacing("{", with: "{{").replacing("}", with: "}}")
        guard braced.contains("](") else { return braced }
        return braced.replacing("[", with: "\\[").replacing("]", with: "\\]")
    }
}

/// Writes the results of one file.
private struct ResultWriter {
    let place: SARIFLog.ArtifactLocation
    let rules: [String]
    private var counts: [String: Int] = [:]

    init(place: SARIFLog.ArtifactLocation, rules: [String]) {
        (self.place, self.rules) = (place, rules)
    }

    /// Its findings, and what other hosts would reject it for.
    mutating func results(of judgement: Judgement) -> [SARIFLog.Result] {
        var results: [SARIFLog.Result] = []
        for finding in judgement.findings {
            let (reason, objection) = (judgement.reason(of: finding), finding.objection)
            let sentence = "The file \(reason)\(reason.hasSuffix("?") ? "" : ".") To mend it: \(objection.remedy)."
            let level = finding.level.rawValue
            results.append(result(objection.rule, level, sentence, objection.reason, finding.hosts, objection.offset))
        }
        for others in judgement.others {
            for rule in others.rules {
                let sentence = "\(others.hosts.words) would not load the file."
                results.append(result(rule, "note", sentence, sentence, others.hosts, nil))
            }
        }
        return results
    }

    private mutating func result(
        _ rule: String,
        _ level: String,
        _ sentence: String,
        _ reason: String,
        _ hosts: [HostProfile],
        _ offset: Int?
    ) -> SARIFLog.Result {
        SARIFLog.Result(
            ruleId: rule,
            ruleIndex: rules.firstIndex(of: rule),
            level: level,
            message: SARIFLog.Message(text: SARIFLog.escaped(sentence)),
            locations: [SARIFLog.Location(of: place, at: offset)],
            partialFingerprints: ["primaryLocationLineHash": fingerprint(rule, reason)],
            properties: SARIFLog.Result.Properties(hosts: hosts.map(\.name))
        )
    }

    /// What stays the same in another build of the module: places and sizes do not count, and the second of its kind is numbered.
    ///
    /// It has the form that code scanning's own has, and the name by which code scanning looks for it.
    private mutating func fingerprint(_ rule: String, _ reason: String) -> String {
        let words = reason.filter { !$0.isNumber }
        let hash = String(Digest(of: Array("\(rule)\0\(words)".utf8)).hexadecimal.prefix(16))
        counts[hash, default: 0] += 1
        return "\(hash):\(counts[hash, default: 1])"
    }
}

extension SARIFLog.Rule {
    fileprivate init(id: String, demand: String) {
        let text = SARIFLog.Message(text: demand.replacing("`", with: ""))
        let advice = "What is wrong, and what to do, is said with each result."
        let help = SARIFLog.Message(text: "\(text.text) \(advice)", markdown: "\(demand) \(advice)")
        self.init(id: id, shortDescription: text, fullDescription: text, help: help)
    }
}

extension SARIFLog.Location {
    fileprivate init(of place: SARIFLog.ArtifactLocation, at offset: Int?) {
        let address = offset.map { SARIFLog.Address(absoluteAddress: $0) }
        self.init(physicalLocation: SARIFLog.PhysicalLocation(artifactLocation: place, address: address))
    }
}
