// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What of a source cannot be served, or could not be looked at.
///
/// There may be any number of such names, so only the first are kept as they are. Of all it is known how many there are, and
/// by the hash of their subjects which.
struct RejectedEntries: Equatable, Sendable {
    /// The most that are kept as they are.
    static let most = 100

    /// The first of them.
    private(set) var first: [CatalogError] = []
    /// How many there are.
    private(set) var count = 0
    private var subjects: Set<Int> = []

    /// Those of a source that cannot be used as a whole.
    init(_ errors: CatalogError...) {
        errors.forEach { append($0) }
    }

    /// How many there are besides the first.
    var furtherCount: Int { count - first.count }

    /// Adds one.
    mutating func append(_ error: CatalogError) {
        if first.count < Self.most { first.append(error) }
        count += 1
        subjects.insert(error.subject.hashValue)
    }

    /// Whether a file is among them, or a directory in which it lies.
    ///
    /// Two subjects may have one hash. Then something that has been withdrawn is served on, which harms nobody.
    func concern(_ file: String) -> Bool {
        guard count > 0 else { return false }
        if subjects.contains(file.hashValue) { return true }
        let bytes = file.utf8
        return bytes.indices.contains { index in
            bytes[index] == UInt8(ascii: "/") && subjects.contains(String(file[..<index]).hashValue)
        }
    }
}
