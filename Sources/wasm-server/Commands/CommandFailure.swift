// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser
internal import HTTPTransport
internal import Logging
internal import ModuleCatalog
internal import Operations
internal import ProxyWasm

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The ends of a command that went wrong, by their numbers in `sysexits.h`; but for the first one, which is that of compilers and linters.
enum ExitStatus: Int32 {
    /// A module is rejected, as it was asked whether it is.
    case rejected = 1
    /// A flag or an argument is wrong (`EX_USAGE`).
    case usage = 64
    /// A file is not what it should be (`EX_DATAERR`).
    case dataError = 65
    /// A file is missing or cannot be read (`EX_NOINPUT`).
    case noInput = 66
    /// A port cannot be opened (`EX_UNAVAILABLE`).
    case unavailable = 69
    /// The system lacks something (`EX_OSERR`).
    case systemError = 71
    /// What is printed cannot be written (`EX_IOERR`).
    case inputOutput = 74
    /// What was waited for has not come about in time (`EX_TEMPFAIL`).
    case temporaryFailure = 75
    /// A server does not answer as it should (`EX_PROTOCOL`).
    case protocolError = 76
    /// A variable or the configuration file is wrong (`EX_CONFIG`).
    case configuration = 78
}

/// Why a command cannot do what it was asked to: a line for a person, or several, and a number for a script.
struct CommandFailure: Error {
    let status: ExitStatus
    /// What is wrong, the reason and the remedy, each time.
    let lines: [String]

    /// All lines.
    var message: String { lines.joined(separator: "\n") }

    /// A failure of one line.
    init(_ status: ExitStatus, _ message: String) {
        self.status = status
        lines = [message]
    }

    /// A failure of which everything has been told already, but the number.
    init(told status: ExitStatus) {
        self.status = status
        lines = []
    }

    /// Several failures, and the number of the first.
    init(_ failures: [CommandFailure]) {
        status = failures.first?.status ?? .systemError
        lines = failures.flatMap(\.lines)
    }

    /// A failure to load modules.
    init(_ error: CatalogError) {
        let status: ExitStatus =
            switch error.code {
            case .missing, .empty, .unreadable: .noInput
            case .inadmissible, .unusableName, .conflict: .dataError
            case .exhausted: .systemError
            }
        self.init(status, error.description)
    }

    /// What a snapshot does not have: a line for each of the first modules that are rejected, and one for how many more are.
    init(rejectedIn snapshot: Snapshot) {
        let named = snapshot.namedRejections.map { CommandFailure($0.error) }
        let more = snapshot.unnamedRejectionCount
        let isForHost = snapshot.rejected.contains { error in
            error.error.rules.contains { $0 != AdmissionPolicy.validity }
        }
        let advice = """
            modules are judged for the host that \(Setting.hostProfile.flag) names; to serve what it would not load all the same, \
            write \(Setting.admission.flag) warn
            """
        self.init(
            named + (more > 0 ? [CommandFailure(.dataError, "\(more) more are rejected")] : [])
                + (isForHost ? [CommandFailure(.dataError, advice)] : [])
        )
    }

    /// A failure to open a port, which names the place where the host or the port was given.
    init(_ error: BindError, _ place: Place) {
        self.init(.unavailable, "\(place.name): \(error)")
    }

    /// Runs the work of a command that prints; a failure is printed on standard error and becomes the exit code.
    static func reporting(_ work: () async throws(CommandFailure) -> Void) async throws {
        try await FailureReport(format: .text).reporting { () throws(CommandFailure) in
            try await work()
            try StandardStream.output.requireWritten()
        }
    }
}

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

    /// Does a part of a command's work; a failure is reported, and becomes the exit code.
    func reporting<Value>(_ work: () async throws(CommandFailure) -> Value) async throws -> Value {
        do {
            return try await work()
        } catch {
            tell(error)
            throw ExitCode(error.status.rawValue)
        }
    }
}
