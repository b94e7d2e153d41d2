// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import Testing

/// Against a representation of 10,000 bytes, as in the examples of RFC 9110 §14.1.2.
@Suite("A byte range")
struct ByteRangeTests {
    @Test(
        "is satisfiable as RFC 9110 §14.1.2 shows",
        arguments: [
            ("bytes=0-499", 0..<500),
            ("bytes=500-999", 500..<1000),
            ("bytes=-500", 9500..<10000),
            ("bytes=9500-", 9500..<10000),
            ("bytes=0-0", 0..<1),
            ("bytes=-1", 9999..<10000),
            // Beyond the end: cut there.
            ("bytes=9999-20000", 9999..<10000),
            ("bytes=-20000", 0..<10000),
            ("bytes=0-99999999999999999999999", 0..<10000),
            // The unit is case-insensitive; white space and empty members of a list are tolerated (§5.6.1).
            ("Bytes=0-0", 0..<1), ("bytes= 0-0 ", 0..<1), ("bytes=,0-0,", 0..<1),
        ]
    )
    func satisfiable(_ value: String, _ expected: Range<Int>) {
        #expect(ByteRange(parsing: value, length: 10000) == .satisfiable(expected))
    }

    @Test(
        "is unsatisfiable if no byte of it exists",
        arguments: ["bytes=10000-", "bytes=10000-10001", "bytes=-0", "bytes=99999999999999999999999-"]
    )
    func unsatisfiable(_ value: String) {
        #expect(ByteRange(parsing: value, length: 10000) == .unsatisfiable)
    }

    @Test(
        "is ignored if it is malformed, of another unit or one of several",
        arguments: [
            "", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes=+1-2", "bytes=1--2", "bytes=0x1-2",
            "items=0-1",
            "bytes=0-0,-1", "bytes=500-600,601-999", "bytes=0-0 1-1",
        ]
    )
    func ignored(_ value: String) {
        #expect(ByteRange(parsing: value, length: 10000) == .ignored)
    }

    @Test("of nothing is unsatisfiable")
    func empty() {
        #expect(ByteRange(parsing: "bytes=0-", length: 0) == .unsatisfiable)
        #expect(ByteRange(parsing: "bytes=-1", length: 0) == .unsatisfiable)
    }
}
