// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation

/// What a command did.
struct Outcome {
    let code: Int32
    let output: String
    let errors: [Substring]

    /// Runs `wasm-server` to its end.
    ///
    /// - Parameters:
    ///   - arguments: What it is told.
    ///   - environment: Variables that it sees besides ``PlainEnvironment``.
    ///   - folder: Where its output goes.
    /// - Returns: What it did.
    /// - Throws: What kept it from starting.
    static func of(
        _ arguments: [String],
        environment: [String: String] = [:],
        in folder: URL
    ) async throws -> Outcome {
        let program = try Program(try serverBinary(), arguments, environment: environment, outputIn: folder)
        let code = await program.exitCode()
        let output = String(decoding: try program.output, as: UTF8.self)
        return Outcome(code: code, output: output, errors: try program.errorLines)
    }
}

/// The numbers of `sysexits.h`.
enum SysExit {
    static let usage: Int32 = 64
    static let dataError: Int32 = 65
    static let noInput: Int32 = 66
    static let unavailable: Int32 = 69
    static let systemError: Int32 = 71
    static let protocolError: Int32 = 76
    static let configuration: Int32 = 78
}
