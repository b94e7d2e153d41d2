// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// A path in a table.
///
/// To Swift, texts that are canonically equivalent are equal; here a path is its bytes.
struct RoutePath: Hashable {
    /// The path with its percent-encoding undone.
    let text: String

    /// A path.
    init(_ text: String) {
        self.text = text
    }

    static func == (left: RoutePath, right: RoutePath) -> Bool {
        left.withBytes { left in right.withBytes { left.isEqual(to: $0) } }
    }

    func hash(into hasher: inout Hasher) {
        withBytes { bytes in unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) } }
    }

    private func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        unsafe text.utf8.withContiguousStorageIfAvailable { unsafe body($0.span) } ?? body(Array(text.utf8).span)
    }
}
