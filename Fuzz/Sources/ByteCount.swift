// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

@testable internal import wasm_server

extension FuzzTarget {
    /// A size as people write it.
    static let byteCount = FuzzTarget("byte-count") { text in
        guard let count = ByteCount(text) else { return }
        require(count.bytes >= 0, "\(text) is not less than nothing")
        require(text.utf8.first.map { (48...57).contains($0) } ?? false, "\(text) begins with a digit")
        require(text.utf8.allSatisfy { $0 < 0x80 }, "\(text) is ASCII")
        require(ByteCount("\(count.bytes)") == count, "\(count.bytes) is read as it is written")
        require(ByteCount("\(count.bytes)B") == count, "\(count.bytes)B is read as it is written")
    }
}
