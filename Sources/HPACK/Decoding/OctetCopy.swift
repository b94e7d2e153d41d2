// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension [UInt8] {
    /// Copies octets to an offset, behind which there must be room for them.
    @inline(__always)
    mutating func copy(_ source: Span<UInt8>, to offset: Int) {
        precondition(offset >= 0 && source.count <= count - offset, "octets are copied to where there is no room")
        unsafe withUnsafeMutableBytes { target in
            unsafe source.withUnsafeBytes { source in
                // There is room, and no octet is an invalid one.
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset...]).copyMemory(from: source)
            }
        }
    }

    /// Copies its own octets to an offset, behind which there must be room for them.
    mutating func move(_ range: Range<Int>, to offset: Int) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "octets are moved from where there are none")
        precondition(offset >= 0 && range.count <= count - offset, "octets are moved to where there is no room")
        unsafe withUnsafeMutableBytes { octets in
            // Both places lie within, may overlap, and no octet is an invalid one.
            unsafe UnsafeMutableRawBufferPointer(rebasing: octets[offset...])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: octets[range]))
        }
    }
}
