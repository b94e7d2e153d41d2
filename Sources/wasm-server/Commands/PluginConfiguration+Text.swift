// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import GatewayConfiguration
internal import YAMLSyntax

extension PluginConfiguration {
    /// The largest file, in bytes: what a Kubernetes resource has room for.
    static let maximumSize = 1 << 20

    /// Reads a file of JSON or YAML, or a pipe.
    ///
    /// - Throws: ``CommandFailure`` that names the file, the reason and the remedy.
    init(readingFrom path: String) throws(CommandFailure) {
        let role = "the plugin's configuration"
        try self.init(try TextFile.read(path, as: role, most: Self.maximumSize, else: .dataError), from: path)
    }

    /// Reads a text of JSON or YAML from a path; its values may have so many bytes, since aliases can stand for many.
    ///
    /// To YAML most of what is nearly JSON is something, though something else: a comment of two slashes is text, a
    /// line break in a string a space. So what begins like JSON is JSON; YAML that does begins with `---`. The error
    /// names the line, the reason and the remedy.
    init(_ text: String, from path: String, most: Int = 2 * maximumSize) throws(CommandFailure) {
        let complaint: JSONError
        do throws(JSONError) {
            self = try PluginConfiguration(json: text)
            return
        } catch {
            complaint = error
        }
        let isNamedJSON = [".json", ".jsonc", ".json5"].contains(where: path.lowercased().hasSuffix)
        guard !isNamedJSON, !Self.beginsLikeJSON(text) else {
            let remedy = isNamedJSON ? "fix that" : "fix that, or begin with a line --- if this is YAML"
            throw CommandFailure(
                .dataError,
                "\(path), line \(complaint.line), column \(complaint.column): is not JSON: \(complaint.reason); \(remedy)"
            )
        }
        do throws(YAMLError) {
            self = try PluginConfiguration(yaml: text, limits: YAMLLimits(size: Self.maximumSize, extent: most))
        } catch {
            throw CommandFailure(.dataError, path + error.description)
        }
    }

    /// Whether a text begins with a bracket, a comment of JSON's dialects, or a string that is no key.
    private static func beginsLikeJSON(_ text: String) -> Bool {
        let text = text.unicodeScalars.drop { $0.properties.isWhitespace || $0 == "\u{feff}" }
        let start = String(String.UnicodeScalarView(text))
        guard !["{", "[", "//", "/*"].contains(where: start.hasPrefix) else { return true }
        return start.hasPrefix("\"") && !beginsWithKey(start.utf8.dropFirst())
    }

    /// Whether a string in double quotes, behind its first one, ends in this line, and a colon follows.
    private static func beginsWithKey(_ text: Substring.UTF8View) -> Bool {
        var isEscaped = false
        let end = text.firstIndex { byte in
            if byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") { return true }
            defer { isEscaped = !isEscaped && byte == UInt8(ascii: "\\") }
            return !isEscaped && byte == UInt8(ascii: "\"")
        }
        guard let end, text[end] == UInt8(ascii: "\"") else { return false }
        let rest = text[end...].dropFirst().drop { " \t".utf8.contains($0) }
        guard rest.first == UInt8(ascii: ":") else { return false }
        return rest.dropFirst().first.map { " \t\r\n".utf8.contains($0) } ?? true
    }
}
