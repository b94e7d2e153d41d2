// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// The place in a trace that a request comes from, as its client says (W3C Trace Context §3.2, `traceparent`).
package struct TraceContext: Hashable, Sendable {
    /// The trace.
    package let trace: TraceID
    /// The span of the client that the request belongs to.
    package let parent: SpanID
    /// What the client has decided about the trace, as it was sent.
    package let flags: UInt8

    /// The flag of a trace that the client records, or may (§3.2.2.5.1).
    package static let sampledFlag: UInt8 = 0x01
    /// The version that never is one.
    private static let invalidVersion: UInt64 = 0xff
    private static let dash = UInt8(ascii: "-")

    /// What a `traceparent` says; nil if it is not one of any version (§3.2.2, §4.3).
    ///
    /// A text that a client sends gets into metrics and traces by this, so nothing but numbers passes.
    package init?(traceparent: String) {
        var bytes = traceparent.utf8.makeIterator()
        guard let version = bytes.hexadecimal(digits: 2), version != Self.invalidVersion, bytes.next() == Self.dash,
            let high = bytes.hexadecimal(digits: 16), let low = bytes.hexadecimal(digits: 16),
            let trace = TraceID(high: high, low: low), bytes.next() == Self.dash,
            let parent = bytes.hexadecimal(digits: 16).flatMap(SpanID.init), bytes.next() == Self.dash,
            let flags = bytes.hexadecimal(digits: 2)
        else { return nil }
        // Later versions may say more behind another dash.
        let rest = bytes.next()
        guard rest == nil || (version > 0 && rest == Self.dash) else { return nil }
        (self.trace, self.parent, self.flags) = (trace, parent, UInt8(flags))
    }

    /// Whether the client records the trace, or may.
    package var isSampled: Bool { flags & Self.sampledFlag != 0 }
}

/// The id of a trace (W3C Trace Context §3.2.2.3).
package struct TraceID: Hashable, Sendable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    /// The id of two halves; nil if both are zero, which is no id.
    package init?(high: UInt64, low: UInt64) {
        guard high != 0 || low != 0 else { return nil }
        (self.high, self.low) = (high, low)
    }

    private init(high: UInt64, nonzero low: UInt64) { (self.high, self.low) = (high, low) }

    /// A new id (§3.2.2.3: it should be random).
    package static func random(using generator: inout some RandomNumberGenerator) -> TraceID {
        TraceID(high: generator.next(), nonzero: .random(in: 1 ... .max, using: &generator))
    }

    /// 32 lowercase hexadecimal digits.
    package var description: String { high.sixteenDigits + low.sixteenDigits }
}

/// The id of a span (W3C Trace Context §3.2.2.4, `parent-id`).
package struct SpanID: Hashable, Sendable, CustomStringConvertible {
    private let number: UInt64

    /// The id of a number; nil if that is zero, which is no id.
    package init?(_ number: UInt64) {
        guard number != 0 else { return nil }
        self.number = number
    }

    private init(nonzero number: UInt64) { self.number = number }

    /// A new id.
    package static func random(using generator: inout some RandomNumberGenerator) -> SpanID {
        SpanID(nonzero: .random(in: 1 ... .max, using: &generator))
    }

    /// 16 lowercase hexadecimal digits.
    package var description: String { number.sixteenDigits }
}

extension UInt64 {
    /// The number in lowercase hexadecimal digits.
    fileprivate var sixteenDigits: String {
        unsafe String(unsafeUninitializedCapacity: 16) { text in
            for index in 0..<16 {
                let digit = UInt8(truncatingIfNeeded: self >> UInt64(60 - 4 * index)) & 0xf
                unsafe text[index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            }
            return 16
        }
    }
}

extension IteratorProtocol<UInt8> {
    /// The number that so many lowercase hexadecimal digits spell, 16 at most; nil if they are not what comes next.
    fileprivate mutating func hexadecimal(digits: Int) -> UInt64? {
        var number: UInt64 = 0
        for _ in 0..<digits {
            guard let digit = next(), digit.isLowercaseHexadecimalDigit else { return nil }
            number = number << 4 | UInt64(digit.isDigit ? digit - UInt8(ascii: "0") : digit - UInt8(ascii: "a") + 10)
        }
        return number
    }
}
