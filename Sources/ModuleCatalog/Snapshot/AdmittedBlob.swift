// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content
package import ProxyWasm

/// Sealed bytes that may be served, and what is known of them.
///
/// There is no way to make one but by a policy, so whatever a snapshot holds was judged.
package struct AdmittedBlob: Sendable {
    /// The bytes.
    package let blob: SealedBlob
    /// What they say.
    package let facts: ModuleFacts
    /// What a person should know of them.
    package let warnings: [Objection]
    /// What each version of Envoy would do with them, the newest first.
    package let verdicts: [HostVerdict]

    /// Admits bytes if a policy does; if not, the error has every reason, and the name by which a person knows them.
    package init(_ blob: SealedBlob, by policy: AdmissionPolicy, named name: String) throws(CatalogError) {
        switch blob.withSpan({ policy.judge($0) }) {
        case .admitted(let facts, let warnings):
            (self.blob, self.facts, self.warnings) = (blob, facts, warnings)
            verdicts = policy.verdicts(on: facts)
        case .refused(let refusal):
            throw .inadmissible(name, refusal.reason, refusal.remedy, by: refusal.rules)
        }
    }
}
