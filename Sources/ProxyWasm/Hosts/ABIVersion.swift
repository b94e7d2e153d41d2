// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The version of the interface between proxies and plugins, as a module claims it by an export.
package enum ABIVersion: String, CaseIterable, Sendable {
    case v0_1_0 = "0.1.0"
    case v0_2_0 = "0.2.0"
    case v0_2_1 = "0.2.1"

    /// The version that an export of a name claims; nil if it claims none that hosts know.
    init?(claimedBy export: String) {
        guard let version = Self.claims[export] else { return nil }
        self = version
    }

    private static let claims = Dictionary(uniqueKeysWithValues: allCases.map { ($0.exportName, $0) })

    /// The name of the function whose export claims it (`wasm_vm.h`, `AbiVersion`).
    var exportName: String { "\(Self.exportPrefix)\(rawValue.replacing(".", with: "_"))" }

    /// What every such name begins with.
    static let exportPrefix = "proxy_abi_version_"
}
