// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The cipher suites that a client offers in its ClientHello (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2).
package struct OfferedSuites {
    private let suites: Set<UInt16>

    /// Reads a connection's first record, or the beginning of it; nil if it is no ClientHello, or ends before its
    /// suites do.
    package init?(hello bytes: [UInt8]) {
        // The head of the record and of the message, the version and the random number.
        var rest = bytes.dropFirst(5 + 4 + 2 + 32)
        guard bytes.first == 0x16, bytes.dropFirst(5).first == 0x01, let session = rest.popFirst() else { return nil }
        rest = rest.dropFirst(Int(session))
        guard let high = rest.popFirst(), let low = rest.popFirst() else { return nil }
        let content = rest.prefix(Int(high) << 8 | Int(low))
        guard content.count == Int(high) << 8 | Int(low), content.count.isMultiple(of: 2) else { return nil }
        let (start, count) = (content.startIndex, content.count)
        suites = Set(
            stride(from: start, to: start + count, by: 2).map { UInt16(content[$0]) << 8 | UInt16(content[$0 + 1]) }
        )
    }

    /// Whether there is none with which a server's key on a curve could be used here, so that it does not matter which curves the
    /// client knows.
    package var needsNoCurveOfKey: Bool { suites.isDisjoint(with: Self.ofCurves) }

    /// ECDHE with ECDSA for TLS 1.2 (RFC 5289 §3.2, RFC 7905 §2), and all for TLS 1.3 (RFC 8446 §B.4).
    private static let ofCurves: Set<UInt16> = [0xc02b, 0xc02c, 0xcca9, 0x1301, 0x1302, 0x1303, 0x1304, 0x1305]
}
