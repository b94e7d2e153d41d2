// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The document at `/modules`, a module's path, of the operations port: all that is known of one module.
///
/// What its users may rely on is in `docs/openapi.yaml`. A later version may add members and values.
package struct ModuleDocument: InterfaceDocument, Sendable {
    /// What the sections of one kind take.
    package struct Section: Encodable, Sendable {
        /// The kind: `code`, `data`, `custom`.
        package let kind: String
        /// The bytes of their contents.
        package let size: Int

        /// Sections from their parts.
        package init(kind: String, size: Int) { (self.kind, self.size) = (kind, size) }
    }

    /// What some imports let a module do.
    package struct Capability: Encodable, Sendable {
        /// The capability: `callHTTP`.
        package let capability: String
        /// It in words that follow "it may".
        package let description: String
        /// The imports, each with the module that it is taken from: `env.proxy_http_call`.
        package let imports: [String]

        /// A capability from its parts.
        package init(_ capability: String, description: String, imports: [String]) {
            (self.capability, self.description, self.imports) = (capability, description, imports)
        }
    }

    /// What a host calls.
    package struct Callback: Encodable, Sendable {
        /// The exported function.
        package let name: String
        /// What the module does in it.
        package let description: String

        /// A callback from its parts.
        package init(_ name: String, description: String) { (self.name, self.description) = (name, description) }
    }

    /// What was served at the module's path, and when.
    package struct Period: Encodable, Sendable {
        /// 64 lowercase hexadecimal digits.
        package let sha256: String
        /// From when on, a ``Timestamp``.
        package let since: String
        /// Until when, a ``Timestamp``; nil if it still is.
        package let until: String?

        /// A period from its parts.
        package init(sha256: String, since: String, until: String?) {
            (self.sha256, self.since, self.until) = (sha256, since, until)
        }
    }

    /// The module, as `/modules` of the data port lists it.
    package let module: ModuleIndex.Entry
    /// What was found at its path later and may not be served; nil if there is no such thing.
    package let rejected: ModuleIndex.Entry?
    /// Its sections by their kinds, the largest first.
    package let sections: [Section]
    /// How many of its bytes are for debuggers.
    package let debugSize: Int
    /// What it takes from its host, by what that lets it do.
    package let capabilities: [Capability]
    /// How many imports are not told of, as no host has them and there are too many.
    package let omittedImports: Int
    /// What hosts call of it.
    package let callbacks: [Callback]
    /// What was served at its path since this process runs, the last first.
    package let history: [Period]
    /// How many gateways have what of its path; nil if nobody is remembered, or nothing is served there by name.
    package let gateways: FleetDocument.Counts?

    /// A document from its parts.
    package init(
        module: ModuleIndex.Entry,
        rejected: ModuleIndex.Entry? = nil,
        sections: [Section] = [],
        debugSize: Int = 0,
        capabilities: [Capability] = [],
        omittedImports: Int = 0,
        callbacks: [Callback] = [],
        history: [Period] = [],
        gateways: FleetDocument.Counts? = nil
    ) {
        (self.module, self.rejected, self.sections, self.debugSize) = (module, rejected, sections, debugSize)
        (self.capabilities, self.omittedImports, self.callbacks) = (capabilities, omittedImports, callbacks)
        (self.history, self.gateways) = (history, gateways)
    }
}
