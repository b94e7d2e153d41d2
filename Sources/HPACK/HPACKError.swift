// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Why a header block cannot be decoded, and where that shows.
///
/// The two ends' tables differ from then on, so it ends the connection (RFC 9113 §4.3, COMPRESSION_ERROR). Two errors are
/// equal when their codes are.
package struct HPACKError: Error, Equatable, CustomStringConvertible {
    /// The kinds of fault.
    package enum Code: Hashable, Sendable {
        /// The block ends within a field.
        case truncated
        /// An integer has more octets than any that means something (RFC 7541 §5.1).
        case integerTooLong
        /// An index of no field (RFC 7541 §2.3.3, §6.1).
        case unknownIndex
        /// A string has EOS in it, or does not end as its code demands (RFC 7541 §5.2).
        case malformedHuffman
        /// A size update that is not at the block's start, is one too many, or is larger than allowed (RFC 7541 §4.2, §6.3).
        case tableSizeUpdate
    }

    /// What kind of fault it is.
    package let code: Code
    /// What is wrong, in words that follow "the header block".
    package let message: String
    /// Where, in octets from the start of the block.
    package let offset: Int

    /// The message with its offset.
    package var description: String { "the header block \(message) (at octet \(offset))" }

    /// Compares the codes alone.
    package static func == (left: HPACKError, right: HPACKError) -> Bool {
        left.code == right.code
    }
}
