// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension String {
    /// The beginning, in memory of its own, without a Unicode scalar that is cut.
    package func beginning(ofBytes count: Int) -> String {
        guard utf8.count > count else { return self }
        return String(self[..<utf8.index(startIndex, offsetBy: count)])
    }
}
