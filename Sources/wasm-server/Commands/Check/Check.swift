// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import ModuleCatalog
internal import ProxyWasm
internal import WasmBinary

/// What files are checked for.
struct Check {
    /// The hosts that have to load them; none if it is only asked whether they are valid WebAssembly.
    let hosts: [HostProfile]
    /// Whether warnings are errors.
    let isStrict: Bool

    private let policy = AdmissionPolicy()

    /// A check for hosts.
    init(hosts: [HostProfile], isStrict: Bool) {
        (self.hosts, self.isStrict) = (hosts, isStrict)
    }

    /// Checks what a word names: a file, or each module below a directory; one is told before the next is read.
    func run(on word: String, _ tell: (CheckedFile) -> Void) {
        do throws(CatalogError) {
            if word == CheckedFile.standardInput {
                return tell(judge(word, try FileContents.ofStandardInput(most: FetchLimit.agents)))
            }
            let named = try NamedFiles(word)
            for path in named.paths { tell(checked(path, isFound: named.areFound)) }
            for error in named.rejected { tell(failed(error.subject, error)) }
        } catch {
            tell(failed(word, error))
        }
    }

    private func checked(_ path: String, isFound: Bool) -> CheckedFile {
        do throws(CatalogError) {
            let most = FetchLimit.agents
            return judge(
                path,
                isFound ? try FileContents.found(at: path, most: most) : try FileContents.of(path, most: most)
            )
        } catch {
            return failed(path, error)
        }
    }

    /// What could not be judged by its bytes; one that breaks a rule of hosts all the same is rejected for them.
    private func failed(_ name: String, _ error: CatalogError) -> CheckedFile {
        guard let rule = error.rules.first, !hosts.isEmpty else {
            return CheckedFile(name: name, result: .failure(error))
        }
        let refusal = Objection(rule, .refuses, error.reason, remedy: error.remedy)
        return CheckedFile(name: name, result: .success(refused(refusal, nil)))
    }

    private func judge(_ name: String, _ bytes: [UInt8]) -> CheckedFile {
        CheckedFile(name: name, result: .success(judgement(on: bytes.span)))
    }

    /// What every host would do with bytes.
    func judgement(on bytes: Span<UInt8>) -> Judgement {
        var hasher = DigestHasher()
        hasher.update(bytes)
        let digest = hasher.digest
        let facts: ModuleFacts
        do throws(Diagnosis) {
            facts = try ModuleFacts(of: bytes)
        } catch {
            return refused(Objection(error), Judgement.Content(size: bytes.count, digest: digest, facts: nil))
        }
        var findings: [Finding] = []
        for host in hosts {
            for objection in policy.objections(to: facts, for: host) {
                let isKnown = findings.indices.contains { findings[$0].take(objection, of: host) }
                if !isKnown { findings.append(Finding(objection, level: level(of: objection), hosts: [host])) }
            }
        }
        return Judgement(
            hosts: hosts,
            content: Judgement.Content(size: bytes.count, digest: digest, facts: facts),
            findings: findings,
            outcomes: outcomes { host in
                policy.objections(to: facts, for: host).filter { level(of: $0) == .error }
            }
        )
    }

    private func refused(_ refusal: Objection, _ content: Judgement.Content?) -> Judgement {
        Judgement(
            hosts: hosts,
            content: content,
            findings: [Finding(refusal, level: .error, hosts: hosts)],
            outcomes: outcomes { _ in [refusal] }
        )
    }

    private func outcomes(_ refusals: (HostProfile) -> [Objection]) -> [HostVerdict] {
        hosts.isEmpty ? [] : HostProfile.all.map { HostVerdict(host: $0, refusals: refusals($0)) }
    }

    private func level(of objection: Objection) -> Finding.Level {
        objection.effect == .refuses || isStrict ? .error : .warning
    }
}
