// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension YAMLReader {
    /// Requires that there is no byte order mark in the text, which nobody sees there (YAML 1.2.2 §5.2); quotes may have one.
    func requireNoMark(in scalar: YAMLScalar) throws(YAMLError) {
        guard scalar.isPlain, scalar.text.unicodeScalars.contains("\u{feff}") else { return }
        throw YAMLError(
            line: scalar.line,
            "has a byte order mark inside the text; take it out, or write it as \\uFEFF in double quotes"
        )
    }

    /// Requires that a level is none too many.
    func requireLevel(_ level: Int, _ line: Int) throws(YAMLError) {
        guard level <= YAMLLimits.levels else {
            throw YAMLError(line: line, "has more than \(YAMLLimits.levels) levels; use fewer")
        }
    }

    /// Adds to how much something stands for, and requires that it is not too much.
    func add(_ more: Int, to extent: inout Int, _ line: Int) throws(YAMLError) {
        extent += more
        guard extent <= limits.extent else {
            throw YAMLError(line: line, "stands for too many values; use fewer aliases")
        }
    }
}
