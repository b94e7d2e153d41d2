// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

// Writes the program's manual pages, one for each command, from what its parser tells of itself and from the table of exit codes in
// docs/configuration.md. Their date is SOURCE_DATE_EPOCH (Scripts/version), so that the same program has the same pages.
//
// Usage: swift Scripts/write-manual.swift PROGRAM FOLDER          (Scripts/write-help calls it)

import Foundation

// MARK: What the parser tells

struct Dump: Decodable {
    let command: Command
}

struct Command: Decodable {
    let commandName: String
    let abstract: String
    let discussion: String?
    let arguments: [Argument]
    let subcommands: [Command]?

    var listed: [Command] { (subcommands ?? []).filter { $0.commandName != "help" } }
}

struct Argument: Decodable {
    struct Name: Decodable {
        let kind: String
        let name: String

        var text: String { kind == "long" ? "--\(name)" : "-\(name)" }
    }

    let kind: String
    let names: [Name]?
    let valueName: String
    let abstract: String?
    let discussion: String?
    let defaultValue: String?
    let isOptional: Bool
    let isRepeating: Bool
    let shouldDisplay: Bool

    var spelling: String {
        let value = "<\(valueName)>" + (isRepeating ? " ..." : "")
        switch kind {
        case "positional": return value
        case "flag": return (names ?? []).map(\.text).joined(separator: ", ")
        default: return (names ?? []).map(\.text).joined(separator: ", ") + " " + value
        }
    }

    /// One paragraph.
    var text: String {
        let value = defaultValue.map { "(default: \($0))" }
        return [abstract, value, discussion].compactMap(\.self).joined(separator: " ")
    }
}

// MARK: How it is written (man(7))

/// Text in which nothing is taken for a request or an escape, and which can be copied to a terminal as it is.
func escaped(_ text: some StringProtocol) -> String {
    let special: [Character: String] = [
        "\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti",
    ]
    let line = text.map { special[$0] ?? String($0) }.joined()
    return line.hasPrefix(".") ? "\\&" + line : line
}

/// Paragraphs, and lines that stand as they are: those that are indented, or aligned by spaces.
func paragraphs(_ text: String) -> [String] {
    text.split(separator: "\n\n").flatMap { part in
        let lines = part.split(separator: "\n")
        let isSet = lines.allSatisfy { $0.hasPrefix("    ") || $0.contains("  ") }
        let content = lines.map { escaped($0.hasPrefix("    ") ? $0.dropFirst(4) : $0) }
        return isSet ? [".PP", ".RS 4", ".nf"] + content + [".fi", ".RE"] : [".PP"] + content
    }
}

func section(_ title: String, _ lines: [String]) -> [String] {
    lines.isEmpty ? [] : [".SH \(title)"] + (lines.first == ".PP" ? Array(lines.dropFirst()) : lines)
}

func items(_ items: [(name: String, text: String)]) -> [String] {
    items.flatMap { [".TP", ".B \(escaped($0.name))", escaped($0.text)] }
}

struct Manual {
    let program: Command
    let version: String
    let date: String
    let exitCodes: [(name: String, text: String)]

    func page(of command: Command) -> String {
        let isProgram = command.commandName == program.commandName
        let name = isProgram ? program.commandName : "\(program.commandName)-\(command.commandName)"
        let words = isProgram ? [program.commandName] : [program.commandName, command.commandName]
        let shown = command.arguments.filter(\.shouldDisplay)
        let positional = shown.filter { $0.kind == "positional" }
            .map { $0.isOptional ? "[\($0.spelling)]" : $0.spelling }
        let usage = words + (isProgram ? ["<command>"] : ["[options]"] + positional)
        let others = isProgram ? program.listed : [program]
        let seeAlso = others.map { isProgram ? "\(name)-\($0.commandName)(1)" : "\($0.commandName)(1)" }
        let lines =
            [
                "\\# SPDX-License-Identifier: Apache-2.0",
                ".TH \(name.uppercased()) 1 \(date) \"\(program.commandName) \(version)\" \"User Commands\"",
            ]
            + section("NAME", ["\(escaped(name)) \\- \(escaped(command.abstract))"])
            + section("SYNOPSIS", [".B \(escaped(usage.joined(separator: " ")))"])
            + section("DESCRIPTION", paragraphs(command.discussion ?? command.abstract))
            + section("COMMANDS", items(command.listed.map { ($0.commandName, $0.abstract) }))
            + section("OPTIONS", items(shown.map { ($0.spelling, $0.text) }))
            + section("EXIT STATUS", items([("0", "It has done what it was asked to.")] + exitCodes))
            + section("SEE ALSO", [escaped(seeAlso.joined(separator: ", "))])
        return lines.joined(separator: "\n") + "\n"
    }
}

// MARK: Where it comes from and goes to

func output(of program: String, _ arguments: String...) throws -> Data {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return data
}

guard CommandLine.arguments.count == 3 else {
    FileHandle.standardError.write(Data("usage: swift Scripts/write-manual.swift PROGRAM FOLDER\n".utf8))
    exit(64)
}
let (file, folder) = (CommandLine.arguments[1], URL(filePath: CommandLine.arguments[2], directoryHint: .isDirectory))
let program = try JSONDecoder().decode(Dump.self, from: output(of: file, "--experimental-dump-help")).command
let version = String(decoding: try output(of: file, "--version"), as: UTF8.self).prefix { $0 != " " }
let seconds = ProcessInfo.processInfo.environment["SOURCE_DATE_EPOCH"].flatMap(Double.init) ?? 0
let day = Date(timeIntervalSince1970: seconds).formatted(.iso8601.year().month().day())
let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "docs/configuration.md")
let codes = try String(contentsOf: page, encoding: .utf8).matches(of: #/\n\| ([0-9]+) \| (.+) \|/#)
    .map { (name: String($0.output.1), text: String($0.output.2).replacing("`", with: "")) }
let manual = Manual(program: program, version: String(version), date: day, exitCodes: codes)
for command in [program] + program.listed {
    let name = command.commandName == program.commandName ? "" : "-\(command.commandName)"
    let target = folder.appending(path: "\(program.commandName)\(name).1")
    try Data(manual.page(of: command).utf8).write(to: target)
}
