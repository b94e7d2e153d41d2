// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Foundation

/// Runs a program of the machine to its end.
package enum CommandLineTool {
    /// How a program ended.
    package struct Result: Sendable {
        /// Its exit code.
        package let status: Int32
        /// What it wrote, to standard output and standard error.
        package let output: String
    }

    /// Runs a program, and waits until it has ended; it is ended when the task is cancelled.
    ///
    /// - Parameters:
    ///   - command: The program's name, and what it is told.
    ///   - input: What it reads; then its input is closed.
    /// - Returns: How it ended.
    /// - Throws: If it cannot be started.
    package static func run(_ command: [String], input: String = "") async throws -> Result {
        let base = FileManager.default.temporaryDirectory.appending(path: "wasm-server-\(UUID().uuidString)")
        let (inputFile, outputFile) = (base.appendingPathExtension("in"), base.appendingPathExtension("out"))
        defer {
            try? FileManager.default.removeItem(at: inputFile)
            try? FileManager.default.removeItem(at: outputFile)
        }
        try Data(input.utf8).write(to: inputFile)
        try Data().write(to: outputFile)
        let output = try FileHandle(forWritingTo: outputFile)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.standardInput = try FileHandle(forReadingFrom: inputFile)
        process.standardOutput = output
        process.standardError = output
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                process.terminationHandler = { _ in continuation.resume() }
                do { try process.run() } catch { continuation.resume(throwing: error) }
            }
        } onCancel: {
            if process.isRunning { process.terminate() }
        }
        let text = String(decoding: try Data(contentsOf: outputFile), as: UTF8.self)
        return Result(status: process.terminationStatus, output: text)
    }

    /// Runs a program that has to succeed.
    package static func require(_ command: [String], input: String = "") async throws -> String {
        let result = try await run(command, input: input)
        guard result.status == 0 else { throw Failure(command: command, result: result) }
        return result.output
    }

    /// A program that should have succeeded has not.
    struct Failure: Error {
        let command: [String]
        let result: Result
    }
}
