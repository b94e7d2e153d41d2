// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Where a setting was given: as messages name it, and how the command ends if what is given there is wrong.
struct Place: Hashable, Sendable {
    let name: String
    let status: ExitStatus

    /// A flag.
    static func flag(_ name: String) -> Place { Place(name: name, status: .usage) }

    /// A variable.
    static func variable(_ name: String) -> Place { Place(name: name, status: .configuration) }

    /// A line of the configuration file.
    static func file(_ path: String, line: Int?, key: String) -> Place {
        Place(name: "\(path)\(line.map { ", line \($0)" } ?? ""): '\(key)'", status: .configuration)
    }
}

/// What was given for a setting in one place.
struct Given: Hashable, Sendable {
    /// One value, or those of a list.
    let values: [String]
    let place: Place

    /// Requires that it is not nothing; if it is, the error says what it may be, in words that follow "must be".
    ///
    /// What is given and empty was meant to be more: a template had no value for it. To go on without it could switch
    /// TLS off, or let everyone in, so there is one rule for every setting and every place: it is rejected.
    func requireSomething(allowed: String) throws(CommandFailure) {
        let blank = values.filter { $0.allSatisfy(\.isWhitespace) }
        guard !blank.isEmpty || values.isEmpty else { return }
        let (reason, remedy) =
            blank.count == values.count
            ? ("is empty", "give it a value, or leave it out") : ("has an empty element", "take that out")
        throw CommandFailure(.configuration, "\(place.name) \(reason), and must be \(allowed); \(remedy)")
    }
}
