// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Dispatch
import Foundation

/// A program that a test started, with everything it says kept in files.
final class Program: Sendable {
    /// How long a program may take to end after it was asked to, before it is killed.
    private static let patience: DispatchTimeInterval = .seconds(10)

    private let name: String
    private let process = Process()
    private let ended = DispatchGroup()
    private let outputFile: URL
    private let errorFile: URL

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - executable: The file to run.
    ///   - arguments: What it is told.
    ///   - environment: Variables that it sees besides those of the tests.
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

        process.executableURL = executable
        process.arguments = arguments
        // What configures the tests, or a server on the developer's machine, must not configure the program.
        process.environment = ProcessInfo.processInfo.environment
            .filter { !$0.key.hasPrefix("WASM_SERVER_") }
            .merging(environment) { _, own in own }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: outputFile)
        process.standardError = try FileHandle(forWritingTo: errorFile)
        process.terminationHandler = { [ended] _ in ended.leave() }
        ended.enter()
        do {
            try listeningToSIGTERM { try process.run() }
        } catch {
            ended.leave()
            throw error
        }
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

    /// Waits for the program to end, and answers its exit code.
    func exitCode() async -> Int32 {
        await withCheckedContinuation { continuation in
            ended.notify(queue: .global()) { continuation.resume() }
        }
        return process.terminationStatus
    }

    /// Sends the program a signal, and does not wait.
    func send(_ signal: Int32) {
        kill(process.processIdentifier, signal)
    }

    /// Asks the program to end, and does not wait.
    func terminate() {
        process.terminate()
    }

    /// Asks the program to end, waits until it has, and answers its exit code.
    ///
    /// Works in a cancelled task too, so that nothing is left running after a test that took too long.
    @discardableResult
    func stop() async -> Int32 {
        process.terminate()
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience) { [process] in
            if process.isRunning {
                kill(process.processIdentifier, SIGKILL)
            }
        }
        return await exitCode()
    }

    /// Fails when the program has ended, with the last words it said.
    func requireRunning() throws {
        guard process.isRunning else {
            throw Unexpected("\(name) ended with code \(process.terminationStatus)\n\(try lastWords)")
        }
    }

    /// The last lines of the program's standard error, for the message of a failure.
    var lastWords: String {
        get throws { try errorLines.suffix(25).joined(separator: "\n") }
    }
}

/// Does something, such as starting a program, with SIGTERM let through on this thread.
///
/// Swift's tasks run on threads that block signals. A program inherits that from the thread that starts it, and would
/// be deaf to SIGTERM for all its life.
private func listeningToSIGTERM(_ body: () throws -> Void) rethrows {
    var signals = sigset_t()
    var before = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGTERM)
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    try body()
}
