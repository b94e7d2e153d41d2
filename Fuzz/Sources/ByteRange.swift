// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics

extension FuzzTarget {
    /// A `Range` field's value, against representations of several lengths.
    static let byteRange = FuzzTarget("byte-range") { text in
        let lengths = [0, 1, 10, 1000, Int.max]
        let ranges = lengths.map { ByteRange(parsing: text, length: $0) }
        require(
            Set(ranges.map { $0 == .ignored }).count == 1,
            "whether a field is ignored does not depend on the length"
        )
        for (length, range) in zip(lengths, ranges) {
            guard case .satisfiable(let bytes) = range else { continue }
            require(!bytes.isEmpty && bytes.lowerBound >= 0 && bytes.upperBound <= length, "\(bytes) of \(length)")
            let spelled = "bytes=\(bytes.lowerBound)-\(bytes.upperBound - 1)"
            require(ByteRange(parsing: spelled, length: length) == range, "\(spelled) is \(bytes)")
        }
        for (shorter, longer) in zip(ranges, ranges.dropFirst()) {
            require(longer != .unsatisfiable || shorter == longer, "what lies behind the end of more lies behind less")
        }
    }
}
