// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HPACK
import NIOCore
import NIOHPACK
import Testing

@Suite("A header block that uses no table")
struct HeaderBlockEncoderTests {
    @Test("is what nghttp2 makes of the same fields, and is read as these by ours and by swift-nio-http2's decoder")
    func answers() throws {
        let answers = try OtherImplementations.all.get().answers
        #expect(answers.count > 5)
        for answer in answers {
            let fields = try #require(answer.fields)
            var encoder = HeaderBlockEncoder()
            for field in fields {
                encoder.append(
                    name: String(decoding: field.name, as: UTF8.self),
                    value: String(decoding: field.value, as: UTF8.self)
                )
            }
            #expect(encoder.block == answer.octets)
            var ours = HPACK.HPACKDecoder()
            #expect(try ours.fields(of: encoder.block) == fields)
            var theirs = NIOHPACK.HPACKDecoder(allocator: ByteBufferAllocator())
            var buffer = ByteBuffer(bytes: encoder.block)
            #expect(try theirs.decodeHeaders(from: &buffer).map { Field($0.name, $0.value) } == fields)
        }
    }

    @Test("may be followed by a date, which is as long at any time")
    func date() throws {
        // RFC 7541 C.5.1 has this date: "1d" is its length. "0f12" is index 33 with a prefix of four bits (§5.1, §6.2.2).
        let expected = [UInt8](
            hex: """
                0f12 1d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 54
                """
        )
        var block: [UInt8] = [0x88]
        let date = Array("Mon, 21 Oct 2013 20:13:21 GMT".utf8)
        HeaderBlockEncoder.appendDate(date.span, to: &block)
        #expect(block == [0x88] + expected)
        #expect(expected.count == HeaderBlockEncoder.dateFieldLength)
        var decoder = HPACK.HPACKDecoder()
        #expect(
            try decoder.fields(of: block) == [
                Field(":status", "200"), Field("date", "Mon, 21 Oct 2013 20:13:21 GMT"),
            ]
        )
    }

    @Test("may be preceded by the update that empties the table of whoever reads it (§4.2, §6.3)")
    func emptyTable() throws {
        var decoder = HPACK.HPACKDecoder()
        #expect(try decoder.fields(of: [HeaderBlockEncoder.emptyTable, 0x88]) == [Field(":status", "200")])
        // RFC 7541 §6.3: the pattern 001 with a maximum size of 0.
        #expect(HeaderBlockEncoder.emptyTable == 0b001_00000)
    }
}
