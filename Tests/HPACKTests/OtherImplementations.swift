// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Foundation
internal import TestSupport

/// What nghttp2 and the Python package hpack make of header blocks; `Verification/verification/hpack` says how it was made.
struct OtherImplementations: Decodable, Sendable {
    /// A header block and its fields; nil where both refuse it.
    struct Block: Decodable, Sendable, CustomStringConvertible {
        let octets: [UInt8]
        let fields: [Field]?

        private enum CodingKeys: CodingKey {
            case block, fields
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            octets = [UInt8](hex: try container.decode(String.self, forKey: .block))
            fields = try container.decode([[String]]?.self, forKey: .fields)?.map {
                Field(name: Self.octets(of: $0[0]), value: Self.octets(of: $0[1]))
            }
        }

        var description: String { octets.map { String(UInt16($0) + 0x100, radix: 16).dropFirst() }.joined() }

        /// A string of the file stands for the octets that are its code points.
        private static func octets(of text: String) -> [UInt8] {
            text.unicodeScalars.map { UInt8($0.value) }
        }
    }

    /// The blocks of a connection, in their order.
    struct Connection: Decodable, Sendable, CustomStringConvertible {
        let name: String
        let blocks: [Block]

        var description: String { name }
    }

    /// The Huffman code of each octet, as bits.
    let codes: [String]
    let connections: [Connection]
    /// Blocks of new connections.
    let blocks: [Block]
    /// Blocks that use no table, as an encoder should make them.
    let answers: [Block]

    /// All of it.
    static let all = Result { try JSONDecoder().decode(Self.self, from: Data(Fixture.hpack.bytes())) }
}
