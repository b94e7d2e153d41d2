// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Dispatch
import Foundation
import TestSupport

/// A program that a test started, with everything it says kept in files.
final class Program: Sendable {
    /// How long a program may take to end after it was asked to, before it is killed.
    private static let timeout: DispatchTimeInterval = .seconds(10)

    private let name: String
    private let process: ChildProcess
    private let outputFile: URL
    private let errorFile: URL

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - executable: The file to run.
    ///   - arguments: What it is told.
    ///   - environment: Variables that it sees besides ``PlainEnvironment``.
    ///   - folder: Where its output goes; it has to outlive the program.
    /// - Throws: What kept the program from starting.
    init(
        _ executable: URL,
        _ arguments: [String],
        environment: [String: String] = [:],
        outputIn folder: URL
    ) throws {
        name = executable.lastPathComponent
        let unique = "\(name)-\(UUID().uuidString)"
        outputFile = folder.appending(path: "\(unique).out")
        errorFile = folder.appending(path: "\(unique).err")
        try Data().write(to: outputFile)
        try Data().write(to: errorFile)

        process = try ChildProcess(
            [executable.path] + arguments,
            environment: PlainEnvironment.variables.merging(environment) { _, own in own },
            files: .init(output: outputFile.path, errors: errorFile.path)
        )
    }

    /// What the program wrote to its standard output so far.
    var output: Data {
        get throws { try Data(contentsOf: outputFile) }
    }

    /// What the program wrote to its standard error so far, by whole lines.
    var errorLines: [Substring] {
        get throws {
            let text = String(decoding: try Data(contentsOf: errorFile), as: UTF8.self)
            // What follows the last newline is nothing, or a line that is still being written.
            return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        }
    }

    /// Waits for the program to end, and answers its exit code; minus a signal's number if one ended it.
    func exitCode() async -> Int32 {
        await process.exitCode()
    }

    /// Sends the program a signal, and does not wait.
    func send(_ signal: Int32) {
        process.send(signal)
    }

    /// Asks the program to end, and does not wait.
    func terminate() {
        process.send(SIGTERM)
    }

    /// Asks the program to end, waits until it has, and answers its exit code.
    ///
    /// Works in a cancelled task too, so that nothing is left running after a test that took too long.
    @discardableResult
    func stop() async -> Int32 {
        process.send(SIGTERM)
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.timeout) { [process] in process.send(SIGKILL) }
        return await exitCode()
    }

    /// Fails when the program has ended, with the last words it said.
    func requireRunning() async throws {
        guard process.isRunning else {
            throw Unexpected("\(name) ended with code \(await process.exitCode())\n\(try lastWords)")
        }
    }

    /// The last lines of the program's standard error, for the message of a failure.
    var lastWords: String {
        get throws { try errorLines.suffix(25).joined(separator: "\n") }
    }
}
