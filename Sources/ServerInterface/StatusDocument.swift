// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The document at `/` of the operations port: how the server is, and what a person should look at.
///
/// What its users may rely on is in `docs/openapi.yaml`. A later version may add members and values.
package struct StatusDocument: InterfaceDocument, Sendable {
    /// Where it is served.
    package static let path = "/"

    /// How bad something is.
    package enum Level: String, Encodable, CaseIterable, Sendable {
        /// Gateways are without what they need, or will be at once.
        case failing
        /// Somebody should see to it; gateways get what is served.
        case attention
        /// It is worth knowing.
        case note
        /// Nothing is wrong.
        case ok
    }

    /// Something that a person should know.
    package struct Finding: Encodable, Sendable {
        /// How bad it is; never ``Level/ok``.
        package let level: Level
        /// What it is about: a path, a file, an address.
        package let subject: String
        /// What is so, and what to do about it.
        package let text: String
        /// Where there is more about it: a path of the operations port, with its query.
        package let view: String

        /// A finding from its parts.
        package init(_ level: Level, _ subject: String, _ text: String, view: String) {
            (self.level, self.subject, self.text, self.view) = (level, subject, text, view)
        }
    }

    /// How many modules there are.
    package struct Modules: Encodable, Sendable {
        /// That are served by name.
        package let current: Int
        /// That are served by digest only.
        package let kept: Int
        /// That are not served.
        package let rejected: Int

        /// Counts.
        package init(current: Int, kept: Int, rejected: Int) {
            (self.current, self.kept, self.rejected) = (current, kept, rejected)
        }
    }

    /// One place where modules come from.
    package struct Source: Encodable, Sendable {
        /// A file or a directory, as it was named.
        package let source: String
        /// When it was last looked through to its end, a ``Timestamp``; nil if it never was.
        package let lastChecked: String?

        /// A source from its parts.
        package init(_ source: String, lastChecked: String?) {
            (self.source, self.lastChecked) = (source, lastChecked)
        }
    }

    /// Tells one process from another.
    package let instance: String
    /// The version of the program.
    package let version: String
    /// The commit of its sources.
    package let revision: String
    /// When it was started, a ``Timestamp``.
    package let started: String
    /// When the document was made, a ``Timestamp``.
    package let time: String
    /// Whether `/readyz` says so.
    package let ready: Bool
    /// The worst of its findings that are more than notes; else `ok`.
    package let level: Level
    /// All of it in a sentence or two.
    package let summary: String
    /// What a person should know, the worst first.
    package let findings: [Finding]
    /// How many modules there are.
    package let modules: Modules
    /// Every module, as ``ModuleIndex/modules`` lists them.
    package let catalog: [ModuleIndex.Entry]
    /// How many gateways have what, of all modules together; nil if nobody is remembered.
    package let gateways: FleetDocument.Counts?
    /// Where modules come from.
    package let sources: [Source]

    /// A document from its parts.
    package init(
        instance: String,
        version: String,
        revision: String,
        started: String,
        time: String,
        ready: Bool,
        level: Level,
        summary: String,
        findings: [Finding],
        modules: Modules,
        catalog: [ModuleIndex.Entry],
        gateways: FleetDocument.Counts?,
        sources: [Source]
    ) {
        (self.instance, self.version, self.revision) = (instance, version, revision)
        (self.started, self.time, self.ready, self.level) = (started, time, ready, level)
        (self.summary, self.findings) = (summary, findings)
        (self.modules, self.catalog) = (modules, catalog)
        (self.gateways, self.sources) = (gateways, sources)
    }
}
