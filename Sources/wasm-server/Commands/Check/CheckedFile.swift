// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import ModuleCatalog

/// A file that was named, and what came of it.
struct CheckedFile {
    /// What stands for standard input.
    static let standardInput = "-"

    /// What it came to, by its name in documents.
    enum Verdict: String {
        case admitted
        case rejected
        case unreadable
    }

    /// Where it is, or `-`.
    let name: String
    /// What hosts would do with it, or why it could not be read, or be served from where it is.
    let result: Result<Judgement, CatalogError>

    /// Why it could not be judged; nil if it was.
    var error: CatalogError? { if case .failure(let error) = result { error } else { nil } }

    /// That as the end of a command, which does not say that it is bad: nobody knows.
    var failure: CommandFailure? {
        error.map { CommandFailure($0.code == .exhausted ? .systemError : .noInput, $0.description) }
    }

    /// What hosts would do with it; nil if it could not be judged.
    var judgement: Judgement? { try? result.get() }

    /// Whether it was judged, and is rejected.
    var isRejected: Bool { verdict == .rejected }

    /// What it came to.
    var verdict: Verdict {
        switch result {
        case .success(let judgement): judgement.isRejected ? .rejected : .admitted
        case .failure: .unreadable
        }
    }

    /// Its name for people: nothing in it can steer a terminal or make a line of its own.
    var displayName: String { name == Self.standardInput ? "<stdin>" : name.printable }
}
