// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import ModuleCatalog
internal import ProxyWasm

/// What `check` prints for scripts (`docs/schemas/check.schema.json`); members that do not apply are left out.
struct CheckDocument: Encodable {
    struct File: Encodable {
        let file: String
        let verdict: String
        let reason: String?
        let remedy: String?
        let size: Int?
        let sha256: String?
        let facts: Facts?
        let hosts: [Host]
        let findings: [Finding]
    }

    struct Facts: Encodable {
        let abi: String?
        let imports: Int
        let exports: Int
        let memoryPages: UInt64?
    }

    struct Host: Encodable {
        let host: String
        let isRequested: Bool
        let verdict: String
        let rules: [String]
    }

    struct Finding: Encodable {
        let rule: String
        let level: String
        let reason: String
        let remedy: String
        let offset: Int?
        let hosts: [String]
    }

    let verdict: String
    let files: [File]

    /// The document of files; its verdict is the worst of theirs.
    init(of files: [CheckedFile]) {
        let verdicts = files.map(\.verdict)
        let worst = [CheckedFile.Verdict.unreadable, .rejected].first(where: verdicts.contains)
        verdict = (worst ?? .admitted).rawValue
        self.files = files.map { File($0) }
    }
}

extension CheckDocument.File {
    fileprivate init(_ file: CheckedFile) {
        let (judgement, content) = (file.judgement, file.judgement?.content)
        self.init(
            file: file.name,
            verdict: file.verdict.rawValue,
            reason: file.error?.reason,
            remedy: file.error?.remedy,
            size: content?.size,
            sha256: content?.digest.hexadecimal,
            facts: content?.facts.map { CheckDocument.Facts($0) },
            hosts: (judgement?.outcomes ?? []).map { outcome in
                CheckDocument.Host(
                    host: outcome.host.name,
                    isRequested: judgement?.hosts.contains(outcome.host) == true,
                    verdict: (outcome.isAdmitted ? CheckedFile.Verdict.admitted : .rejected).rawValue,
                    rules: outcome.refusals.rules
                )
            },
            findings: (judgement?.findings ?? []).map { CheckDocument.Finding($0) }
        )
    }
}

extension CheckDocument.Facts {
    fileprivate init(_ facts: ModuleFacts) {
        self.init(
            abi: facts.abi?.rawValue,
            imports: facts.imports.count,
            exports: facts.exports.count,
            memoryPages: facts.memories.largestMinimum
        )
    }
}

extension CheckDocument.Finding {
    fileprivate init(_ finding: Finding) {
        self.init(
            rule: finding.objection.rule,
            level: finding.level.rawValue,
            reason: finding.objection.reason,
            remedy: finding.objection.remedy,
            offset: finding.objection.offset,
            hosts: finding.hosts.map(\.name)
        )
    }
}
