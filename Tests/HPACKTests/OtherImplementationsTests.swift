// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HPACK
internal import Testing

@Suite("Beside nghttp2 and the Python package hpack, the decoder")
struct OtherImplementationsTests {
    @Test("reads the requests of clients, connection by connection")
    func connections() throws {
        let connections = try OtherImplementations.all.get().connections
        #expect(connections.count > 10)
        // One buffer serves all connections of a thread.
        var buffer = LiteralBuffer()
        for connection in connections {
            var decoder = HPACKDecoder()
            for block in connection.blocks {
                var collector = FieldCollector()
                try decoder.decode(block.octets.span, with: &buffer, into: &collector)
                #expect(collector.fields == block.fields, "\(connection): \(block)")
            }
        }
    }

    @Test("takes what both take, and refuses what both refuse")
    func faults() throws {
        let blocks = try OtherImplementations.all.get().blocks
        #expect(blocks.contains { $0.fields == nil } && blocks.contains { $0.fields != nil })
        for block in blocks {
            var decoder = HPACKDecoder()
            let fields = try? decoder.fields(of: block.octets)
            #expect(fields == block.fields, "\(block)")
        }
    }
}
