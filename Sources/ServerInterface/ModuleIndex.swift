// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The document at `/modules`: every module that a server has found or keeps, served or not.
///
/// What its users may rely on is in `docs/schemas/modules.schema.json`. A later version may add members and values, so whoever
/// reads it passes over those that it does not know.
package struct ModuleIndex: InterfaceDocument, Codable, Hashable, Sendable {
    /// Where it is served.
    package static let path = "/modules"
    /// The largest that is read, in bytes: some two KiB for each digest of the largest catalog.
    package static let maximumSize = 16 << 20

    /// The names of its members.
    package enum CodingKeys: String, CodingKey {
        case instance
        case operationsPort
        case gateways
        case modules
        case rejectedCount
    }

    /// Tells one process from another, so that none takes itself for its peer; nil if that is not told.
    package let instance: String?
    /// The port of probes, metrics and clients at the same address; nil if that is not told.
    package let operationsPort: Int?
    /// What there is configuration for; nil from a server that prints none.
    package let gateways: [String]?
    /// Current modules first, in the order of their paths; then those that are kept, the last used first; then the
    /// first of those that are rejected.
    ///
    /// So whoever reads the list for what is served never reads past much else.
    package let modules: [Entry]
    /// How many are rejected in all; nil from a server that names every one.
    package let rejectedCount: Int?

    /// An index from its parts.
    package init(
        instance: String,
        operationsPort: Int? = nil,
        gateways: [String],
        modules: [Entry],
        rejectedCount: Int
    ) {
        (self.instance, self.operationsPort, self.gateways) = (instance, operationsPort, gateways)
        (self.modules, self.rejectedCount) = (modules, rejectedCount)
    }

    /// Those that are served by their names.
    package var current: [Entry] {
        modules.filter { $0.isAdmitted && $0.state ?? State.current.rawValue == State.current.rawValue }
    }

    /// Those that are served by their digests only.
    package var kept: [Entry] { modules.filter { $0.isAdmitted && $0.state == State.kept.rawValue } }

    /// Those that may not be served.
    package var rejected: [Entry] { modules.filter { $0.verdict == Verdict.rejected.rawValue } }
}
