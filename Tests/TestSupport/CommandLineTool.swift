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
    ///   - environment: The variables that it sees.
    /// - Returns: How it ended.
    /// - Throws: If it cannot be started.
    package static func run(
        _ command: [String],
        input: String = "",
        environment: [String: String] = PlainEnvironment.variables
    ) async throws -> Result {
        try await TemporaryFolder.with { folder in
            let input = try folder.write(Array(input.utf8), to: "input")
            let output = try folder.write([], to: "output")
            let process = try ChildProcess(
                command,
                environment: environment,
                files: .init(input: input, output: output, errors: output)
            )
            let status = await withTaskCancellationHandler {
                await process.exitCode()
            } onCancel: {
                process.send(SIGTERM)
            }
            let bytes = try Data(contentsOf: URL(filePath: output))
            return Result(status: status, output: String(decoding: bytes, as: UTF8.self))
        }
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
