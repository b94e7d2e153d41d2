// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Whom a decoder tells the fields of a header block.
package protocol HeaderFieldVisitor: ~Copyable {
    /// Takes the next field; its octets are there during the call only.
    ///
    /// A visitor that has seen more than it wants ignores the rest: the block is decoded to its end in any case, since the
    /// dynamic table must stay right (RFC 9113 §10.5.1).
    mutating func field(name: Span<UInt8>, value: Span<UInt8>)
}
