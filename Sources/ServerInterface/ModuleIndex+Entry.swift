// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import FoundationEssentials

extension ModuleIndex {
    /// What the bytes of a module say.
    package struct Facts: Codable, Hashable, Sendable {
        /// The version of the proxy-wasm ABI; nil if it claims none that hosts know.
        package let abi: String?
        /// How many things it imports.
        package let imports: Int?
        /// How many things it exports.
        package let exports: Int?
        /// The memory that it begins with, in pages of 64 KiB; nil if it has none.
        package let memoryPages: UInt64?
        /// The language that it says to be written in, with a version perhaps.
        package var language: String?
        /// What it says to be compiled by, with a version perhaps.
        package var toolchain: String?

        /// What is known of any module.
        package init(abi: String?, imports: Int, exports: Int, memoryPages: UInt64?) {
            (self.abi, self.imports, self.exports, self.memoryPages) = (abi, imports, exports, memoryPages)
        }
    }

    /// What a host would do with a module.
    package struct HostVerdict: Codable, Hashable, Sendable {
        /// A ``Verdict``.
        package let verdict: String
        /// The most rules that are named: an index of thousands of modules is read whole.
        private static let mostRules = 4

        /// The first rules that the module breaks there; nil if it breaks none.
        package let rules: [String]?

        /// A verdict by the rules that are broken.
        package init(breaking rules: [String]) {
            verdict = (rules.isEmpty ? Verdict.admitted : .rejected).rawValue
            self.rules = rules.isEmpty ? nil : Array(rules.prefix(Self.mostRules))
        }
    }

    /// Whether a module may be served.
    package enum Verdict: String, Sendable {
        case admitted
        case rejected
    }

    /// How a module is served.
    package enum State: String, Sendable {
        /// By its name and by its digest.
        case current
        /// By its digest only: it is no longer current.
        case kept
        /// Not at all.
        case rejected
    }

    /// One module; members that do not apply are left out.
    package struct Entry: Codable, Hashable, Sendable {
        /// The names of its members.
        package enum CodingKeys: String, CodingKey {
            case verdict, state, since, lastUsed, lastFetched, reason, name, version, path, digestPath, configuration,
                sha256, size
            case source, rules, facts, hosts
        }

        /// A ``Verdict``.
        package let verdict: String
        /// A ``State``; nil from a server of an earlier version, which keeps none.
        package let state: String?
        /// Since when it is current or kept, a ``Timestamp``.
        package var since: String?
        /// When a kept one was last current or fetched, before the list was made: a ``Timestamp``.
        package var lastUsed: String?
        /// When its bytes were last sent completely to anyone but a peer, before the list was made: a ``Timestamp``.
        package var lastFetched: String?
        /// Why it is rejected.
        package var reason: String?
        /// The name that the path tells.
        package var name: String?
        /// The version that the path tells.
        package var version: String?
        /// Where it is served, percent-encoded; of a kept one, where it was.
        package var path: String?
        /// Where the same bytes are served by their digest: a ``DigestPath``.
        package var digestPath: String?
        /// Where there is configuration for a gateway of ``ModuleIndex/gateways``: a template of ``ManifestPath``.
        package var configuration: String?
        /// 64 lowercase hexadecimal digits.
        package var sha256: String?
        /// In bytes.
        package var size: Int?
        /// Where it comes from.
        package var source: String?
        /// The rules of admission that it breaks, or of a module that is served those that warn; nil if there are none.
        package var rules: [String]?
        /// What its bytes say; nil of what is rejected.
        package var facts: Facts?
        /// What hosts would do with it, by their names: `envoy-1.40`; nil of what is rejected.
        package var hosts: [String: HostVerdict]?

        /// A module of which nothing else is known yet.
        package init(_ verdict: Verdict, _ state: State, source: String) {
            (self.verdict, self.state, self.source) = (verdict.rawValue, state.rawValue, source)
        }

        /// Whether it may be served.
        var isAdmitted: Bool { verdict == Verdict.admitted.rawValue }
    }
}

/// A time as this server's documents write it: RFC 3339, in UTC and whole seconds.
package enum Timestamp {
    private static let form = "2026-11-24T02:31:37Z"

    /// The text of a time, in seconds since 1970.
    package static func text(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(seconds)).ISO8601Format()
    }

    /// The seconds since 1970 at a time; nil if it is written otherwise.
    package static func seconds(_ text: String) -> Int64? {
        guard text.utf8.count == form.utf8.count, text.hasSuffix("Z"),
            let date = try? Date.ISO8601FormatStyle().parse(text)
        else { return nil }
        return Int64(exactly: date.timeIntervalSince1970)
    }
}
