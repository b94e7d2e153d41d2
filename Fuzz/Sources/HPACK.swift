// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

@testable internal import HPACK

extension FuzzTarget {
    /// The header blocks of a connection, each behind its length in one octet; the first octet is the size of the table, divided
    /// by 16.
    static let hpack = FuzzTarget("hpack") { (input: [UInt8]) in
        let limit = 16 * Int(input.first ?? 0)
        var decoder = HPACKDecoder(tableSize: limit)
        var buffer = LiteralBuffer()
        var rest = input.dropFirst()
        while let length = rest.popFirst() {
            let block = Array(rest.prefix(Int(length)))
            rest = rest.dropFirst(Int(length))
            var fields = FieldList()
            var again = FieldList()
            var copy = decoder
            var fresh = LiteralBuffer()
            do throws(HPACKError) {
                try decoder.decode(block.span, with: &buffer, into: &fields)
                try copy.decode(block.span, with: &fresh, into: &again)
            } catch {
                require(0...block.count ~= error.offset, "\(error) is within \(block)")
                return
            }
            require(fields == again, "what a block stands for does not depend on what was in the buffer before")
            require(decoder.table.size <= decoder.table.maximumSize, "the table is not larger than it may be")
            require(decoder.table.maximumSize <= limit, "the table may not be larger than is allowed")
            require(decoder.table.octets.count <= 2 * limit + 256, "the table's memory is bounded by what it may hold")
            let most = 2 * block.count + limit + StaticTable.longestName
            require(fields.longest <= most, "a field is bounded by its block and the table")
            checkEncoding(of: fields)
        }
    }

    /// What is encoded again is the same, for any connection.
    private static func checkEncoding(of fields: FieldList) {
        var encoder = HeaderBlockEncoder()
        for field in fields.fields { encoder.append(name: field.name, value: field.value) }
        var decoder = HPACKDecoder()
        var buffer = LiteralBuffer()
        var decoded = FieldList()
        do {
            try decoder.decode(encoder.block.span, with: &buffer, into: &decoded)
        } catch {
            require(false, "what is encoded can be decoded: \(error)")
        }
        require(decoded == fields, "fields are decoded as they were encoded")
        require(decoder.table.count == 0, "what is encoded leaves the table alone")
    }
}

/// A visitor that keeps each field.
private struct FieldList: HeaderFieldVisitor, Equatable {
    struct Field: Equatable {
        let name: [UInt8]
        let value: [UInt8]
    }

    private(set) var fields: [Field] = []

    var longest: Int { fields.map { $0.name.count + $0.value.count }.max() ?? 0 }

    mutating func field(name: Span<UInt8>, value: Span<UInt8>) {
        fields.append(Field(name: name.indices.map { name[$0] }, value: value.indices.map { value[$0] }))
    }
}
