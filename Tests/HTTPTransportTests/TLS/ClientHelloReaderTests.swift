// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import HTTPTransport

@Suite("A ClientHello")
struct ClientHelloReaderTests {
    private let hello = TLSHello.offering("h2", "http/1.1")

    /// What becomes of bytes that come so many at a time.
    private func progress(_ bytes: [UInt8], portion: Int) -> ClientHelloReader.Progress {
        var reader = ClientHelloReader()
        for start in stride(from: 0, to: bytes.count, by: portion) {
            let progress = reader.read(Array(bytes[start..<min(start + portion, bytes.count)]).span)
            guard progress == .incomplete else { return progress }
        }
        return .incomplete
    }

    // RFC 8446 §5.1: "Handshake messages MAY be […] fragmented across several records".
    @Test("is put together however it is cut into records and segments", arguments: [1, 2, 3, 5, 1 << 14])
    func cuts(_ size: Int) {
        let bytes = TLSHello.records(hello.message, of: size)
        for portion in [1, 2, 3, 7, 64, bytes.count] {
            #expect(progress(bytes, portion: portion) == .complete(hello.body))
        }
    }

    @Test("is incomplete until its last byte")
    func parts() {
        let bytes = TLSHello.records(hello.message, of: 40)
        for count in bytes.indices { #expect(progress(Array(bytes.prefix(count)), portion: 16) == .incomplete) }
    }

    @Test("may have data of TLS 1.3 behind it, which nobody reads")
    func earlyData() {
        let early: [UInt8] = [23, 3, 3, 0, 1, 0]
        let bytes = TLSHello.records(hello.message, of: 1 << 14) + early
        #expect(progress(bytes, portion: bytes.count) == .complete(hello.body))
    }

    @Test("may have as many bytes as BoringSSL takes, and not one more")
    func size() {
        func message(_ count: Int) -> [UInt8] {
            [1, 0, UInt8(count >> 8), UInt8(count & 0xff)] + [UInt8](repeating: 0, count: count)
        }
        let most = 16 << 10
        let bytes = TLSHello.records(message(most), of: 1 << 14)
        #expect(progress(bytes, portion: 1000) == .complete([UInt8](repeating: 0, count: most)))
        #expect(progress(TLSHello.records(message(most + 1), of: 1 << 14), portion: 1000) == .other)
    }

    @Test(
        "is not what is no handshake, has empty or overlong records, or carries more than one message",
        arguments: [
            [21, 3, 1, 0, 2, 2, 80],
            [22, 2, 1, 0, 1, 1],
            [22, 3, 1, 0, 0],
            [22, 3, 1, 0x40, 1],
            [22, 3, 1, 0, 1, 2],
            [22, 3, 1, 0, 5, 1, 0, 0, 0, 1],
            [22, 3, 1, 0, 1, 1, 20, 3, 3, 0, 1, 1],
        ] as [[UInt8]]
    )
    func others(_ bytes: [UInt8]) {
        for portion in [1, bytes.count] { #expect(progress(bytes, portion: portion) == .other) }
    }
}
