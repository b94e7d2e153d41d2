// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

@testable internal import HTTPTransport

extension FuzzTarget {
    /// What an HTTP/2 client sends, in two pieces and byte by byte; the first byte of the input says where it is cut.
    static let http2Frames = FuzzTarget("http2-frames") { (input: [UInt8]) in
        let bytes = Array(input.dropFirst())
        let cut = bytes.isEmpty ? 0 : Int(input[0]) % (bytes.count + 1)
        var whole = HTTP2FrameScanner()
        whole.scan(bytes)
        var pieces = HTTP2FrameScanner()
        pieces.scan(bytes[..<cut])
        pieces.scan(bytes[cut...])
        var single = HTTP2FrameScanner()
        for byte in bytes { single.scan(CollectionOfOne(byte)) }
        require(pieces == whole && single == whole, "frames do not depend on how their bytes are cut")
        require(whole.begun <= bytes.count / 9 + 1, "a frame has nine bytes or more")
        require(whole.received <= whole.begun + 1, "no more was received than has begun, and the preface")
    }
}
