// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ProxyWasm
internal import ServerClient

/// Judges whether hosts would load a module: that they get it is not enough.
struct LoadingCheck: Sendable {
    /// What its results are about.
    static let subject = "whether its host would load it"

    /// What has to load modules; nil for the newest Envoy, and then older ones are told of.
    let host: HostProfile?
    /// Whether a module that it would not load is a failure.
    let mode: AdmissionPolicy.Mode

    /// What is to be told of a module; nothing of what is no module, as whoever fetched it tells that.
    func results(
        of module: [UInt8]
    ) -> [(verdict: ProbeResult.Verdict, detail: String, remedy: Remedy?)] {
        guard let facts = try? ModuleFacts(of: module.span) else { return [] }
        let policy = AdmissionPolicy(for: host ?? .newest)
        let refusals = policy.objections(to: facts).filter { $0.effect == .refuses }
        guard refusals.isEmpty else {
            return refusals.map { objection in
                let detail = "rejected for \(policy.host): it \(objection.reason) (\(objection.rule))"
                return (mode == .warn ? .warning : .failed, detail, .words(objection.remedy))
            }
        }
        let refusing = policy.verdicts(on: facts).filter { !$0.refusals.isEmpty }
        guard host == nil, let newest = refusing.first else { return [(.ok, "admitted for \(policy.host)", nil)] }
        let names = refusing.map(\.host.name).joined(separator: ", ")
        let reasons = newest.refusals.map(\.reason).joined(separator: ", and ")
        return [(.warning, "admitted for \(policy.host); rejected for \(names): it \(reasons)", .nameHost)]
    }
}
