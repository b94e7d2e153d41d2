// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Why a source, or one module of it, cannot be served: what it is about, the reason and the remedy.
package struct CatalogError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure, as far as a caller treats them differently.
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

    static func inadmissible(_ subject: String, _ reason: String, _ remedy: String) -> CatalogError {
        CatalogError(code: .inadmissible, subject: subject, reason: reason, remedy: remedy)
    }
}

extension String {
    /// The most bytes of a text that may have a file's name in it, in documents and lines of which there may be a hundred.
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
