// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The decoder of one connection's header blocks (RFC 7541).
///
/// What a block costs is in proportion to its octets, apart from copying an entry of the table for each field that refers to
/// its name. Before a client has put anything into the table, there is no memory besides the value itself.
package struct HPACKDecoder: Sendable {
    /// The size of the table as long as nobody says another, in octets (RFC 9113 §6.5.2).
    package static let standardTableSize = 4096
    /// How many size updates a block may begin with: the smallest size since the last block, and the last (RFC 7541 §4.2).
    private static let mostSizeUpdates = 2

    /// What is added, evicted and referred to.
    private(set) var table: DynamicTable
    /// The most that the table may be set to, in octets.
    private let tableSizeLimit: Int

    /// Makes the decoder of a new connection.
    ///
    /// - Parameter tableSize: What SETTINGS_HEADER_TABLE_SIZE says, in octets, at most 65,535. Another than the standard may
    ///   only be given if the client knows of it before it sends its first block.
    package init(tableSize: Int = standardTableSize) {
        precondition(0...DynamicTable.largestSize ~= tableSize, "a table of \(tableSize) octets is too large")
        tableSizeLimit = tableSize
        table = DynamicTable(maximumSize: tableSize)
    }

    /// Decodes a whole header block: that of HEADERS, and of all CONTINUATION that follow (RFC 7541 §3.2, §6).
    ///
    /// After an error the connection must end: the table is not the encoder's any more.
    package mutating func decode<Visitor: HeaderFieldVisitor & ~Copyable>(
        _ block: Span<UInt8>,
        with buffer: inout LiteralBuffer,
        into visitor: inout Visitor
    ) throws(HPACKError) {
        // The Huffman code makes eight octets of five (RFC 7541 §5.2), and a name of the table may come in addition.
        buffer.reserve(2 * block.count + max(table.maximumSize, StaticTable.longestName))
        var cursor = BlockCursor()
        try updateTableSize(block, &cursor)
        while cursor.offset < block.count {
            let first = block[cursor.offset]
            if first & 0x80 != 0 {
                try indexedField(block, &cursor, into: &visitor)
            } else if first & 0x40 != 0 {
                let nameLength = try literal(block, &cursor, indexMask: 0x3f, &buffer)
                let field = buffer.octets.span.extracting(..<buffer.count)
                table.insert(field, nameLength: nameLength)
                visitor.field(name: field.extracting(..<nameLength), value: field.extracting(nameLength...))
            } else if first & 0x20 == 0 {
                // Whether a field may be added by others (RFC 7541 §6.2.3) makes no difference to us, who add none.
                let nameLength = try literal(block, &cursor, indexMask: 0x0f, &buffer)
                let field = buffer.octets.span.extracting(..<buffer.count)
                visitor.field(name: field.extracting(..<nameLength), value: field.extracting(nameLength...))
            } else {
                throw .sizeUpdate("has a size update behind a field, or more than two", at: cursor.offset)
            }
        }
    }

    /// The size updates that a block begins with (RFC 7541 §4.2, §6.3).
    private mutating func updateTableSize(_ block: Span<UInt8>, _ cursor: inout BlockCursor) throws(HPACKError) {
        for _ in 0..<Self.mostSizeUpdates {
            let start = cursor.offset
            guard start < block.count, block[start] & 0xe0 == 0x20 else { return }
            let size = try cursor.integer(of: block, mask: 0x1f)
            guard size <= tableSizeLimit else {
                throw .sizeUpdate("sets the table to \(size) octets, and \(tableSizeLimit) are allowed", at: start)
            }
            table.resize(to: size)
        }
    }

    /// A field that is in a table as a whole (RFC 7541 §6.1).
    @inline(__always)
    private func indexedField<Visitor: HeaderFieldVisitor & ~Copyable>(
        _ block: Span<UInt8>,
        _ cursor: inout BlockCursor,
        into visitor: inout Visitor
    ) throws(HPACKError) {
        let start = cursor.offset
        let index = try cursor.integer(of: block, mask: 0x7f)
        if index > StaticTable.count {
            guard let place = table.place(of: index - StaticTable.count - 1) else { throw unknown(index, at: start) }
            let octets = table.octets.span
            visitor.field(name: octets.extracting(place.name), value: octets.extracting(place.value))
        } else {
            guard index > 0 else { throw unknown(index, at: start) }
            let field = StaticTable.fields[index - 1]
            unsafe visitor.field(name: field.name.octets.span, value: field.value.octets.span)
        }
    }

    /// Puts a literal field into the buffer, and gives how long its name is (RFC 7541 §6.2).
    private func literal(
        _ block: Span<UInt8>,
        _ cursor: inout BlockCursor,
        indexMask: UInt8,
        _ buffer: inout LiteralBuffer
    ) throws(HPACKError) -> Int {
        let start = cursor.offset
        buffer.clear()
        let index = try cursor.integer(of: block, mask: indexMask)
        if index == 0 {
            try string(block, &cursor, &buffer)
        } else if index <= StaticTable.count {
            unsafe buffer.append(StaticTable.fields[index - 1].name.octets.span)
        } else {
            guard let place = table.place(of: index - StaticTable.count - 1) else { throw unknown(index, at: start) }
            buffer.append(table.octets.span.extracting(place.name))
        }
        let nameLength = buffer.count
        try string(block, &cursor, &buffer)
        return nameLength
    }

    /// Puts a string into the buffer (RFC 7541 §5.2).
    private func string(
        _ block: Span<UInt8>,
        _ cursor: inout BlockCursor,
        _ buffer: inout LiteralBuffer
    ) throws(HPACKError) {
        let start = cursor.offset
        let string = try cursor.string(of: block)
        let octets = block.extracting(string.octets)
        guard string.isHuffman else { return buffer.append(octets) }
        do {
            try buffer.append(huffman: octets)
        } catch {
            throw HPACKError(code: .malformedHuffman, message: "has a string \(error.reason)", offset: start)
        }
    }

    private func unknown(_ index: Int, at offset: Int) -> HPACKError {
        HPACKError(
            code: .unknownIndex,
            message: "refers to field \(index), and there are those from 1 to \(StaticTable.count + table.count)",
            offset: offset
        )
    }
}

extension HPACKError {
    fileprivate static func sizeUpdate(_ fault: String, at offset: Int) -> HPACKError {
        HPACKError(code: .tableSizeUpdate, message: fault, offset: offset)
    }
}
