// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser
internal import Logging
internal import Operations

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Tells on standard error why a command ends.
struct FailureReport {
    /// How the command's lines look there: as those of its log.
    let format: LogFormat

    /// A report in a format.
    init(format: LogFormat) {
        self.format = format
    }

    /// A report on a command line that cannot be parsed: what it says of the log's format counts all the same.
    init(of words: [String]) {
        guard words.first == ServeCommand.configuration.commandName else {
            self.init(format: .text)
            return
        }
        let flag = Setting.logFormat.flag
        let next = words.lastIndex(of: flag).flatMap { words.indices.contains($0 + 1) ? words[$0 + 1] : nil }
        let value = words.last { $0.hasPrefix("\(flag)=") }?.dropFirst(flag.count + 1)
        let flags = (value.map(String.init) ?? next).map { [Setting.logFormat: [$0]] } ?? [:]
        let reader = SettingsReader(flags: flags, environment: ProcessInfo.processInfo.environment)
        self.init(format: reader.logFormat(isTerminal: words.contains("--check") || StandardStream.error.isTerminal))
    }

    /// Tells a failure: a line for each reason.
    func tell(_ failure: CommandFailure) {
        switch format {
        case .text:
            for line in failure.lines { StandardStream.error.say("wasm-server: \(line)") }
        case .json:
            let sink = LogSink(descriptor: StandardStream.error.rawValue, format: .json)
            let logger = Logger(label: "wasm-server") { _ in LineLogHandler(level: .critical, sink: sink) }
            for line in failure.lines {
                logger.critical("\(line)", metadata: ["exit_code": .stringConvertible(Int(failure.status.rawValue))])
            }
            sink.flush()
        }
    }

    /// Does a part of a command's work; a failure is told, and becomes the exit code.
    func reporting<Value>(_ work: () async throws(CommandFailure) -> Value) async throws -> Value {
        do {
            return try await work()
        } catch {
            tell(error)
            throw ExitCode(error.status.rawValue)
        }
    }
}
