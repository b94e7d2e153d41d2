// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The document at `/settings` of the operations port: what the server was told, and where.
///
/// What its users may rely on is in `docs/openapi.yaml`. A later version may add members and values.
package struct SettingsDocument: InterfaceDocument, Sendable {
    /// Where it is served.
    package static let path = "/settings"

    /// One setting.
    package struct Setting: Encodable, Sendable {
        /// Its key in a configuration file.
        package let name: String
        /// Its value, as people write it; nil if it is off, or has no effect without another.
        package let value: String?
        /// Where it was given: a flag, a variable, a line of a file; nil for a default.
        package let givenBy: String?
        /// What it is for, and its default.
        package let purpose: String

        /// A setting from its parts.
        package init(name: String, value: String?, givenBy: String?, purpose: String) {
            (self.name, self.value, self.givenBy, self.purpose) = (name, value, givenBy, purpose)
        }
    }

    /// All settings, in the order of `--help`.
    package let settings: [Setting]
    /// What a person should know of the variables: those that are ignored.
    package let warnings: [String]

    /// A document from its parts.
    package init(settings: [Setting], warnings: [String]) {
        (self.settings, self.warnings) = (settings, warnings)
    }
}
