// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import FoundationEssentials

/// What a server lists at `/modules`, as far as its users need it.
package struct ModuleListing: Decodable, Sendable {
    /// A module; members that do not apply are nil.
    package struct Module: Decodable, Sendable {
        /// `admitted` or `rejected`.
        package let verdict: String
        /// `current` or `kept`; nil from a server of an earlier version, which keeps none.
        package let state: String?
        /// Why it is rejected.
        package let reason: String?
        /// The name and the version that the path tells.
        package let name: String?
        package let version: String?
        /// Where it is served, percent-encoded.
        package let path: String?
        /// Where the same bytes are served by their digest.
        package let digestPath: String?
        /// 64 lowercase hexadecimal digits.
        package let sha256: String?
        /// In bytes.
        package let size: Int?
    }

    /// Every module.
    package let modules: [Module]

    /// Those that are served by their names.
    package var current: [Module] { modules.filter { $0.verdict == "admitted" && $0.state ?? "current" == "current" } }

    /// Those that are served by their digests only.
    package var kept: [Module] { modules.filter { $0.verdict == "admitted" && $0.state == "kept" } }

    /// Those that may not be served.
    package var rejected: [Module] { modules.filter { $0.verdict == "rejected" } }

    /// Reads a document; nil if it is not such a list.
    package init?(_ document: [UInt8]) {
        guard let listing = try? JSONDecoder().decode(Self.self, from: Data(document)) else { return nil }
        self = listing
    }
}
