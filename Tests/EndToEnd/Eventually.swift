// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation

/// Something that a scenario rests on is not so; the message says what, and where possible the remedy.
struct Unexpected: Error, CustomStringConvertible {
    /// What is not as it should be.
    let description: String

    /// Makes an error of a message.
    init(_ description: String) {
        self.description = description
    }
}

/// Asks again and again until there is an answer.
///
/// - Parameters:
///   - what: What is awaited, in words that complete "waited in vain for …".
///   - limit: How long to go on asking.
///   - ask: One look at the world; `nil` means "not yet".
/// - Returns: The first answer.
/// - Throws: `Unexpected` when the time is up, or what `ask` throws.
func eventually<Answer>(
    _ what: String,
    within limit: Duration = .seconds(30),
    ask: () async throws -> Answer?
) async throws -> Answer {
    let deadline = ContinuousClock.now + limit
    while true {
        if let answer = try await ask() {
            return answer
        }
        guard ContinuousClock.now < deadline else {
            throw Unexpected("waited \(limit) in vain for \(what)")
        }
        try await Task.sleep(for: .milliseconds(20))
    }
}

/// Lends a new, empty folder to `body`, and removes it afterwards with everything in it.
func withTemporaryFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "wasm-server-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}
