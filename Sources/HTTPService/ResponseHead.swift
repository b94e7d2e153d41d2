// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import HTTPSemantics

/// A status and its fields, rendered once for both protocol versions.
///
/// `Date` and what concerns one connection are missing: the transport adds them.
package struct ResponseHead: Sendable {
    /// A field line; the name is in lowercase, as HTTP/2 demands (RFC 9113 §8.2).
    package struct Field: Hashable, Sendable {
        /// The name, in lowercase.
        package let name: String
        /// The value.
        package let value: String

        /// A field line of a lowercase name and a value.
        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The status.
    package let status: Status
    /// The fields, in the order in which they are sent.
    package let fields: [Field]
    /// The status line and the field lines as HTTP/1.1 sends them, up to but without the empty line.
    package let http1: [UInt8]

    /// Renders a head.
    package init(_ status: Status, _ fields: [Field]) {
        self.status = status
        self.fields = fields
        let lines = fields.map { "\($0.name): \($0.value)\r\n" }.joined()
        http1 = Array("HTTP/1.1 \(status.rawValue) \(status.reasonPhrase)\r\n\(lines)".utf8)
    }

    /// The value of a field.
    package subscript(_ name: String) -> String? {
        fields.first { $0.name == name }?.value
    }
}
