// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import GatewayConfiguration
internal import ServerClient
internal import ServerInterface

/// Judges one reference to a module, by what servers serve.
struct ReferenceCheck {
    /// What a reference says, once it makes sense.
    struct Target {
        let url: ModuleURL
        /// Nil where none is given.
        let sha256: Digest?
    }

    private let reference: ModuleReference
    private let results: Results

    /// A check of a reference, which tells results.
    init(_ reference: ModuleReference, _ results: Results) {
        (self.reference, self.results) = (reference, results)
    }

    /// What the reference says; nil, and a failure is told, if no gateway could use that.
    func target() -> Target? {
        let url: ModuleURL
        do throws(ModuleURL.Fault) {
            url = try ModuleURL(reference.url)
        } catch {
            tell(.failed, "its URL \(error.reason)", .words(error.remedy))
            return nil
        }
        guard let text = reference.sha256 else {
            guard case .envoy = reference.fetcher else { return Target(url: url, sha256: nil) }
            tell(.failed, "has no sha256, without which Envoy rejects it", "add what `config` prints")
            return nil
        }
        guard let digest = Digest(hexadecimal: text) else {
            let remedy: Remedy = "write it as /modules lists it: gateways compare it as text"
            tell(.failed, "its sha256 is not 64 lowercase hexadecimal digits", remedy)
            return nil
        }
        guard let named = url.digest, named != digest else { return Target(url: url, sha256: digest) }
        let remedy: Remedy = "gateways will reject what comes; change both together, as `config` prints them"
        tell(.failed, "its URL is that of \(named), and its sha256 is \(digest)", remedy)
        return nil
    }

    /// Compares what the reference says with what is served.
    ///
    /// - Parameters:
    ///   - target: What it says.
    ///   - served: What is served.
    ///   - isOfThese: Whether the URL leads to these very servers, and not perhaps to others.
    func compare(_ target: Target, with served: inout ServedModules, isOfThese: Bool) async {
        if target.url.digest == nil, !target.url.isOfModule {
            if isOfThese {
                tell(.failed, "its URL has none of a Wasm Server's paths", "take the URL that `config` prints")
            } else {
                tell(.skipped, "its URL is of another host, and has none of a Wasm Server's paths")
            }
        } else if let digest = target.url.digest {
            judge(digest, await served.availability(of: digest), served)
            requireSHA256(of: digest)
        } else {
            judge(target, await served.occupancy(of: target.url.path), served)
        }
    }

    private func judge(_ digest: Digest, _ availability: ServedModules.Availability, _ served: ServedModules) {
        switch availability {
        case .current(let path, served.count): tell(.ok, "\(digest) is current at \(path)")
        case .current(let path, let count):
            let remedy: Remedy = "it is while the servers are upgraded; ask again when that is over"
            tell(.warning, "\(digest) is current at \(path) on \(count) of \(served.count) servers", remedy)
        case .outdated(let path?):
            let now = served.current(at: path).map { "\(path) is \($0) now" } ?? "nothing is at \(path) now"
            tell(.warning, "\(digest) is not current, and kept by its digest: \(now)", Self.update)
        case .outdated(nil):
            tell(.warning, "\(digest) is not current, and there by its digest", Self.update)
        case .nowhere:
            tell(.failed, "nobody has \(digest)", "serve it, or configure what is current, as `config` prints it")
        case .unknown(let words, let remedy): tell(.failed, "\(digest) \(words)", remedy)
        }
    }
    private static let update: Remedy = "update the manifest with what `config` prints, unless that is meant"

    private func judge(_ target: Target, _ occupancy: ServedModules.Occupancy, _ served: ServedModules) {
        let path = target.url.path
        switch occupancy {
        case .same(let digest):
            guard let sha256 = target.sha256 else { return requireSHA256(of: digest) }
            if sha256 == digest {
                tell(.ok, "\(path) is \(digest)")
            } else {
                let remedy: Remedy =
                    "gateways will reject what comes; name by its digest what is meant, as `config` prints it"
                tell(.failed, "\(path) is \(digest), and the manifest has \(sha256)", remedy)
            }
        case .different:
            let remedy: Remedy = "gateways that get other bytes reject them; name by its digest what is meant"
            tell(.failed, "\(path) is not the same on all \(served.count) servers", remedy)
        case .nothing: tell(.failed, "there is no \(path)", .words(served.alternatives(to: path)))
        case .unknown(let words, let remedy): tell(.failed, "\(path) \(words)", remedy)
        }
    }

    private func requireSHA256(of digest: Digest) {
        guard reference.sha256 == nil else { return }
        tell(.warning, "has no sha256, so that nobody verifies what comes", .words("add sha256: \(digest)"))
    }

    /// Judges whether Envoy tries often enough.
    func checkRetries() {
        guard case .envoy(let policy) = reference.fetcher else { return }
        let remedy: Remedy =
            "add retry_policy: { num_retries: 10, retry_back_off: { base_interval: 1s, max_interval: 10s } }"
        switch policy {
        case .missing:
            tell(.warning, "has no retry policy: Envoy tries once more within a second, and then never again", remedy)
        case .retries(nil):
            tell(.warning, "has a retry policy without num_retries, which is 1 then", "write num_retries: 10")
        case .retries(let count?) where count < Self.fewestRetries:
            tell(.warning, "has a retry policy with num_retries: \(count)", "write num_retries: 10")
        case .retries: break
        }
    }
    private static let fewestRetries = 2

    /// Tells that it was not looked at.
    func skip(_ reason: String) { tell(.skipped, reason) }

    /// The longest detail that is told whole, in bytes: a manifest may have a URL of megabytes.
    private static let longestDetail = 1000

    private func tell(_ verdict: ProbeResult.Verdict, _ detail: String, _ remedy: Remedy? = nil) {
        results.add(ProbeResult(verdict, "\(reference.place)", detail.abbreviated(to: Self.longestDetail), remedy))
    }
}
