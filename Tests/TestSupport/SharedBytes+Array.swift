// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content
internal import NIOCore

extension SharedBytes {
    /// A copy of the bytes.
    package var array: [UInt8] { Array(buffer.readableBytesView) }

    /// Whether others are the same bytes in the same place.
    package func isSame(as others: SharedBytes) -> Bool {
        unsafe buffer.withUnsafeReadableBytes { bytes in
            unsafe others.buffer.withUnsafeReadableBytes { unsafe $0.baseAddress == bytes.baseAddress }
        }
    }
}
