// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension String {
    /// The longest text that is logged of what a client sent, in bytes.
    private static let longestExcerpt = 256

    /// As much of it as is logged if a client sent it: whole Unicode scalars.
    ///
    /// Characters would be no bound: any number of combining marks make one with the letter before them.
    var excerpt: String {
        guard utf8.count > Self.longestExcerpt else { return self }
        var end = utf8.index(startIndex, offsetBy: Self.longestExcerpt)
        while end.samePosition(in: unicodeScalars) == nil { utf8.formIndex(before: &end) }
        return String(self[..<end])
    }
}
