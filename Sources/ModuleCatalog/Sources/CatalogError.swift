// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Why a source, or one module of it, cannot be served: what it is about, the reason and the remedy.
package struct CatalogError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure that callers treat differently.
    package enum Code: Hashable, Sendable {
        /// There is nothing at that path.
        case missing
        /// There is no module in that directory.
        case empty
        /// It is there and may not be read, or reading failed.
        case unreadable
        /// It was read and is not a module that may be served.
        case inadmissible
        /// Its name cannot be served.
        case unusableName
        /// Two modules claim the same path.
        case conflict
        /// The system has no memory, or no descriptor, left for it.
        case exhausted
    }

    /// What kind of failure it is.
    package let code: Code
    /// The file or directory that it is about.
    package let subject: String
    /// What is wrong with it.
    package let reason: String
    /// What a person can do about it.
    package let remedy: String
    /// The identifiers of the rules that a module breaks; empty if it was not judged.
    package private(set) var rules: [String] = []

    /// The subject as it is named to people and in documents.
    package var name: String { subject.shortened }

    /// What is wrong, and what a person can do about it.
    package var explanation: String { "\(reason.shortened); \(remedy)" }

    /// One line: the subject, the reason, the remedy.
    package var description: String { "\(name): \(explanation)" }

    static func unusableName(_ subject: String, _ reason: String, _ remedy: String) -> CatalogError {
        CatalogError(code: .unusableName, subject: subject, reason: reason, remedy: remedy)
    }

    /// A file that is never the same twice.
    static func changing(_ subject: String) -> CatalogError {
        CatalogError(
            code: .unreadable,
            subject: subject,
            reason: "changed at every check",
            remedy: "replace it by renaming a complete file over it"
        )
    }

    /// A source whose modules have all gone at once.
    static func emptied(_ source: Source) -> CatalogError {
        CatalogError(
            code: .empty,
            subject: source.description,
            reason: "has lost all of its modules at once, so the last good ones are served on",
            remedy: "mount or fill it again, or restart the server without it"
        )
    }

    static func inadmissible(
        _ subject: String,
        _ reason: String,
        _ remedy: String,
        by rules: [String] = []
    ) -> CatalogError {
        CatalogError(code: .inadmissible, subject: subject, reason: reason, remedy: remedy, rules: rules)
    }
}

extension String {
    /// The most bytes of a text with a file's name, as a document or a log may have a hundred of them.
    private static let longest = 1024

    /// The text; of a long one its beginning and its end.
    fileprivate var shortened: String {
        guard utf8.count > Self.longest else { return self }
        // An index within a character's bytes counts as its beginning.
        let (head, tail) = (index(Self.longest / 2, from: startIndex), index(-Self.longest / 2, from: endIndex))
        return "\(self[..<head]) … \(self[tail...])"
    }

    private func index(_ offset: Int, from index: Index) -> Index { utf8.index(index, offsetBy: offset) }
}

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
