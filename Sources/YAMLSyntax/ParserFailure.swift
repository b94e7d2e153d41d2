// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CYAML

/// Why libyaml goes no further, in its own words, which are about its states.
enum ParserFailure {
    /// A place in a text, both from 1; the column in characters of Unicode.
    struct Mark {
        let line: Int
        let column: Int

        fileprivate init(_ mark: yaml_mark_t) {
            (line, column) = (Int(mark.line) + 1, Int(mark.column) + 1)
        }
    }

    /// What it was reading, and where that begins.
    struct Context {
        let text: String
        let mark: Mark
    }

    /// A character that no text of YAML may have, and how many bytes are in front of it.
    case character(Unicode.Scalar, offset: Int)
    case syntax(problem: String, mark: Mark, context: Context?)
    /// There is not enough memory, or something that should not happen did.
    case other

    init(of parser: yaml_parser_t) {
        let problem = unsafe parser.problem.map { unsafe String(cString: $0) } ?? ""
        switch unsafe parser.error {
        case YAML_READER_ERROR:
            guard let scalar = unsafe Unicode.Scalar(UInt32(truncatingIfNeeded: parser.problem_value)) else {
                fallthrough
            }
            self = .character(scalar, offset: unsafe parser.problem_offset)
        case YAML_SCANNER_ERROR, YAML_PARSER_ERROR:
            let mark = unsafe Mark(parser.problem_mark)
            let context = unsafe parser.context.map { text in
                unsafe Context(text: String(cString: text), mark: Mark(parser.context_mark))
            }
            self = .syntax(problem: problem, mark: mark, context: context)
        default: self = .other
        }
    }
}
