// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import wasm_server

@Suite("Sizes and times")
struct QuantitiesTests {
    @Test(
        "are sizes as people write them",
        arguments: [
            ("1", 1), ("10B", 10), ("2KiB", 2048), ("64MiB", 64 << 20), ("1GiB", 1 << 30), ("32MB", 32_000_000),
            ("1 kB", 1000), ("", nil), ("MiB", nil), ("-1", nil), ("1.5MiB", nil), ("1TiB", nil), ("1mib", nil),
            ("99999999999999999999", nil), ("9999999999GiB", nil), ("0x10", nil), ("٣", nil),
        ]
    )
    func sizes(_ text: String, _ bytes: Int?) {
        #expect(ByteCount(text)?.bytes == bytes)
    }

    @Test(
        "are times as people write them",
        arguments: [
            ("5", .seconds(5)), ("0", .zero), ("5s", .seconds(5)), ("500ms", .milliseconds(500)), ("2m", .seconds(120)),
            ("1h", .seconds(3600)), ("3 s", .seconds(3)), ("", nil), ("s", nil), ("-1", nil), ("1.5s", nil),
            ("1d", .seconds(86400)), ("5S", nil), ("99999999999999999999", nil), ("9223372036854775807h", nil),
            ("٣", nil),
        ] as [(String, Duration?)]
    )
    func times(_ text: String, _ duration: Duration?) {
        #expect(TimeSpan(text)?.duration == duration)
    }
}

@Suite("Defaults, as help spells them")
struct SpelledDefaultsTests {
    @Test(
        "are times as people write them",
        arguments: [("24h", 86400.0), ("10m", 600), ("5s", 5), ("90s", 90), ("500ms", 0.5), ("0ms", 0)]
    )
    func time(_ text: String, _ seconds: Double) {
        #expect(TimeSpan.text(.seconds(seconds)) == text)
        #expect(TimeSpan(text)?.duration == .seconds(seconds))
    }

    @Test(
        "are sizes as people write them",
        arguments: [("256MiB", 268_435_456), ("2GiB", 2_147_483_648), ("1KiB", 1024), ("1000B", 1000), ("0B", 0)]
    )
    func size(_ text: String, _ bytes: Int) {
        #expect(ByteCount.text(bytes) == text)
        #expect(ByteCount(text)?.bytes == bytes)
    }
}
