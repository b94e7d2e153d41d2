// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The document at `/fleet` of the operations port: which client has fetched what.
///
/// What its users may rely on is in `docs/schemas/fleet.schema.json`. A later version may add members and values.
package struct FleetDocument: InterfaceDocument, Codable, Hashable, Sendable {
    /// The ``Client/state`` of those whose last fetch was cut or refused.
    package static let failed = "failed"
    /// The ``Replica/state`` of one that tells.
    package static let told = "told"
    /// The ``Replica/state`` of one where nobody listens.
    package static let gone = "gone"
    /// The ``Replica/state`` of one whose clients may be missing.
    package static let silent = "silent"
    /// Where it is served.
    package static let path = "/fleet"
    /// The largest that is read, in bytes.
    package static let maximumSize = 64 << 20

    /// How many gateways have what of a module.
    package struct Counts: Codable, Hashable, Sendable {
        /// That have the bytes that are served now.
        package let current: Int
        /// That came since the module changed, and have only an older one.
        package let behind: Int
        /// That have an older one, and have not come since the module changed.
        package let missing: Int
        /// Whose last fetch was cut or refused.
        package let failed: Int

        /// Counts.
        package init(current: Int, behind: Int, missing: Int, failed: Int) {
            (self.current, self.behind, self.missing, self.failed) = (current, behind, missing, failed)
        }

        /// All of them; at most the largest number, whatever a server says.
        package var all: Int {
            [current, behind, missing, failed].reduce(0) { sum, count in
                let (all, isTooMuch) = sum.addingReportingOverflow(max(count, 0))
                return isTooMuch ? .max : all
            }
        }
    }

    /// One module that is served by name.
    package struct Module: Codable, Hashable, Sendable {
        /// Where it is served, percent-encoded.
        package let path: String
        /// 64 lowercase hexadecimal digits; nil if nothing is served there, as what was found is rejected.
        package let sha256: String?
        /// Since when, a ``Timestamp``; nil with ``sha256``.
        package let since: String?
        /// How many gateways have what of it.
        package let gateways: Counts

        /// A module from its parts.
        package init(path: String, sha256: String?, since: String?, gateways: Counts) {
            (self.path, self.sha256, self.since, self.gateways) = (path, sha256, since, gateways)
        }
    }

    /// One client, and what it came for.
    package struct Client: Codable, Hashable, Sendable {
        /// Who it is: a name of its certificate, or an address.
        package let client: String
        /// By what that is known: `certificate`, `forwarded` or `address`.
        package let identifiedBy: String
        /// What kind of program it says to be: `envoy`, `go`, `ggcr`, `curl`, `kubelet`, `probe`, `other` or `unknown`.
        package let kind: String
        /// Whether it may be a gateway, or fetch for one.
        package let isGateway: Bool
        /// What its `User-Agent` said last.
        package let userAgent: String?
        /// The path of the module that it came for; nil if that is not served, nor was.
        package let module: String?
        /// `current`, `behind`, `missing` or `failed`.
        package let state: String
        /// The digest of what it has; nil if it has nothing.
        package let sha256: String?
        /// What it came for last: a digest, or a path where there was nothing to give.
        package let asked: String
        /// When it came for that first, a ``Timestamp``.
        package let first: String
        /// When it came last.
        package let last: String
        /// When it was last given the bytes that it came for.
        package let lastSuccess: String?
        /// What came of the last fetch: `whole`, `not_modified`, `part`, `cut` or `refused`.
        package let outcome: String
        /// The status of the answer.
        package let status: Int
        /// The version of HTTP: `HTTP/1.1`.
        package let `protocol`: String
        /// Which peer has told of that; nil if this replica has seen it.
        package let toldBy: String?

        /// A client from its parts.
        package init(
            _ client: String,
            identifiedBy: String,
            kind: String,
            isGateway: Bool,
            userAgent: String?,
            module: String?,
            state: String,
            sha256: String?,
            asked: String,
            first: String,
            last: String,
            lastSuccess: String?,
            outcome: String,
            status: Int,
            protocol: String,
            toldBy: String?
        ) {
            (self.client, self.identifiedBy, self.kind, self.isGateway) = (client, identifiedBy, kind, isGateway)
            (self.userAgent, self.module, self.state, self.sha256) = (userAgent, module, state, sha256)
            (self.asked, self.first, self.last, self.lastSuccess) = (asked, first, last, lastSuccess)
            (self.outcome, self.status, self.protocol, self.toldBy) = (outcome, status, `protocol`, toldBy)
        }
    }

    /// Another replica, whose clients are listed here as far as it has told of them.
    package struct Replica: Codable, Hashable, Sendable {
        /// Where it was asked; or a name of peers whose addresses are not all known.
        package let address: String
        /// Whether it tells: `told`, when it was last asked; `gone`, as nobody listens there; `silent`, for another reason, or not all yet.
        package let state: String
        /// When it last told of its clients, a ``Timestamp``; nil if it never did.
        package let lastTold: String?
        /// Why it has not told all when it was last asked; nil if it has.
        package let failure: String?
        /// By how many seconds its clock is ahead of this server's, or behind if it is negative; nil if they agree within two.
        package let clockLead: Int64?

        /// A replica from its parts.
        package init(address: String, state: String, lastTold: String?, failure: String?, clockLead: Int64? = nil) {
            (self.address, self.state, self.lastTold, self.failure) = (address, state, lastTold, failure)
            self.clockLead = clockLead
        }
    }

    /// Tells one process from another.
    package let instance: String
    /// When it was made, a ``Timestamp``.
    package let time: String
    /// The modules that are served by name, in the order of their paths.
    package let modules: [Module]
    /// Those who failed first, then those who are behind, missing, and current; in each state who came last is first.
    package let clients: [Client]
    /// How many entries of clients are left out at the end, as there are too many; those that matter most are there.
    package let omitted: Int
    /// How many clients and fetches were forgotten, to make room for others.
    package let forgotten: Int
    /// The other replicas; empty if there are none.
    package let replicas: [Replica]

    /// A document from its parts.
    package init(
        instance: String,
        time: String,
        modules: [Module],
        clients: [Client],
        omitted: Int,
        forgotten: Int,
        replicas: [Replica]
    ) {
        (self.instance, self.time, self.modules, self.clients) = (instance, time, modules, clients)
        (self.omitted, self.forgotten, self.replicas) = (omitted, forgotten, replicas)
    }
}
