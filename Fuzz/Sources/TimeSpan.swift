// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

@testable internal import wasm_server

extension FuzzTarget {
    /// A length of time as people write it.
    static let timeSpan = FuzzTarget("time-span") { text in
        guard let span = TimeSpan(text) else { return }
        require(span.duration >= .zero, "\(text) is not less than nothing")
        require(text.utf8.allSatisfy { $0 < 0x80 }, "\(text) is ASCII")
        let milliseconds =
            span.duration.components.seconds * 1000
            + span.duration.components.attoseconds / 1_000_000_000_000_000
        require(TimeSpan("\(milliseconds)ms") == span, "\(milliseconds)ms is read as it is written")
    }
}
