// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension YAMLError {
    /// What the parser says, in words for whoever wrote the text.
    init(_ failure: ParserFailure, in text: String) {
        switch failure {
        case .character(let character, let offset):
            let before = String(decoding: text.utf8.prefix(offset), as: UTF8.self)
            self.init(
                line: 1 + before.count(where: \.isNewline),
                "has a control character (\(character.escaped(asASCII: true))), which YAML does not allow; take it out, or write it as an escape in double quotes"
            )
        case .syntax(let problem, let mark, let context):
            self.init(problem: problem, while: context, at: mark, in: text)
        case .other: self = .unreadable
        }
    }

    private init(problem: String, while context: ParserFailure.Context?, at mark: ParserFailure.Mark, in text: String) {
        // What does not end shows at the end of the text; it is to be looked for where it begins.
        let isUnended = problem.contains("end of stream") || problem.contains("document indicator")
        if isUnended || problem.contains("expected ','"), let context {
            let what =
                problem.contains("']'")
                ? "a list in brackets" : problem.contains("'}'") ? "a mapping in braces" : "a text in quotes"
            let begins = "\(what) that begins in column \(context.mark.column)"
            self.init(
                line: context.mark.line,
                isUnended
                    ? "\(begins) does not end; add the quote"
                    : "\(begins) does not end, or lacks a comma in line \(mark.line); add what is missing"
            )
            return
        }
        // Files that are put together may have one each, and nobody sees it.
        let read = Self.lines(of: text).prefix(mark.line)
        let document = read.dropFirst(read.lastIndex { $0.hasPrefix("---") } ?? 0)
        if let marked = document.firstIndex(where: { $0.unicodeScalars.first == "\u{feff}" }) {
            self.init(
                line: marked + 1,
                "begins with a byte order mark, which only the first line may have; take it out"
            )
            return
        }
        // What has no name behind it shows behind it.
        let isNamed = context.map { ["alias", "anchor", "tag"].contains(where: $0.text.hasSuffix) } ?? false
        let character = Self.character(at: isNamed ? context?.mark ?? mark : mark, in: text)
        if character == "\t" {
            self.init(line: mark.line, "begins with a tab; indent by spaces")
            return
        }
        if character == nil, problem.contains("node content") {
            // libyaml takes the end of the text for the end of a line, however often it looks at it.
            self.init(
                line: min(mark.line, 1 + text.count(where: \.isNewline)),
                "the text ends where a value is missing; write it, and close brackets and braces"
            )
            return
        }
        if problem.contains("document start") {
            self = .unmarked(at: mark, character, in: text)
            return
        }
        let explanation = Self.explanations.first {
            problem.contains($0.problem) || context?.text.contains($0.problem) == true
        }
        // A key that lacks its colon is looked for until the next one.
        let line = context.map { $0.text.hasSuffix("simple key") ? $0.mark.line : mark.line } ?? mark.line
        let reason = explanation?.reason ?? "is not YAML from column \(mark.column) on"
        let remedy = explanation?.remedy ?? "check the indentation, the quotes and the brackets there"
        let quote = explanation?.isAboutCharacter == true ? character.map { "'\($0)' " } : nil
        self.init(line: line, "\(quote ?? "")\(reason); \(remedy)")
    }

    /// What the parser says, or is doing when it fails, and what that means.
    private static let explanations: [(problem: String, isAboutCharacter: Bool, reason: String, remedy: String)] = [
        ("a tab character", false, "begins with a tab", "indent by spaces"),
        (
            "mapping values are not allowed", false, "has a colon where no key can stand",
            "indent it like the lines around it, or put the value in quotes"
        ),
        (
            "mapping keys are not allowed", true, "begins a key where none can stand",
            "indent it like the lines around it, or put the value in quotes"
        ),
        (
            "block sequence entries are not allowed", true, "begins an element where none can stand",
            "put the list on lines of its own"
        ),
        (
            "cannot start any token", true, "cannot begin a value", "put the value in quotes"
        ),
        ("scanning an alias", true, "stands for another value, which has no name here", "put the value in quotes"),
        ("scanning an anchor", true, "gives the value a name, which is missing", "put the value in quotes"),
        ("tag", true, "begins a tag that means nothing here", "put the value in quotes"),
        ("directive", true, "begins a directive that means nothing here", "put the value in quotes"),
        (
            "could not find expected ':'", false, "has no colon and space behind a key",
            "write `key: value`, and close the quotes above it"
        ),
        (
            "did not find expected key", false, "is not a key and a value",
            "indent it like the lines above, and write `key: value`"
        ),
        ("'-' indicator", false, "is not an element of the list above", "begin it with `- `, or indent it otherwise"),
        ("node content", false, "lacks a value", "write one, or put it in quotes"),
        (
            "escape", false, "has a backslash and no escape behind it",
            "write the backslash twice, or use single quotes"
        ),
        (
            "hexdecimal", false, "has a backslash and no escape behind it",
            "write the backslash twice, or use single quotes"
        ),
        ("block scalar", false, "has something behind | or >", "begin the text on the next line"),
    ]

    /// What stands behind the end of a document, where nothing says that another begins.
    private static func unmarked(at mark: ParserFailure.Mark, _ character: Character?, in text: String) -> YAMLError {
        let above = lines(of: text).prefix(mark.line - 1).last { line in
            let line = line.drop { $0 == " " || $0 == "\t" }
            return !line.isEmpty && line.first != "#"
        }
        return switch character {
        case _ where above.map { $0 == "..." || $0.hasPrefix("... ") } ?? false:
            YAMLError(
                line: mark.line,
                "begins another document behind `...` without `---`; take the `...` out, or write a line `---` below it"
            )
        case "{", "[":
            YAMLError(line: mark.line, "begins another document; write it below a line `---`")
        default: YAMLError(line: mark.line, "does not belong to what stands above; indent it, or leave it out")
        }
    }

    private static func lines(of text: String) -> [Substring] {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    }

    private static func character(at mark: ParserFailure.Mark, in text: String) -> Character? {
        let lines = lines(of: text)
        guard lines.indices.contains(mark.line - 1) else { return nil }
        let scalars = lines[mark.line - 1].unicodeScalars
        return scalars.dropFirst(mark.column - 1).first.map(Character.init)
    }
}
