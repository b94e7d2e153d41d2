// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import GatewayConfiguration
internal import ServerClient

extension PluginConfiguration {
    /// Reads a text of JSON or YAML.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - path: Where it is from, for the message.
    ///   - most: How many bytes of values it may stand for, since aliases can stand for many.
    /// - Throws: ``CommandFailure`` that names the line, the reason and the remedy.
    init(_ text: String, from path: String, most: Int = 2 * maximumSize) throws(CommandFailure) {
        let inJSON: JSONError
        do throws(JSONError) {
            self = try PluginConfiguration(json: text)
            return
        } catch {
            inJSON = error
        }
        do throws(YAMLError) {
            self = try PluginConfiguration(yaml: text, most: most)
        } catch {
            throw CommandFailure(.dataError, "\(path)\(Self.message(of: error, inJSON, text).printable)")
        }
    }

    /// What follows the file's name.
    ///
    /// Of what was hardly meant as JSON it is not said why it is none.
    private static func message(of error: YAMLError, _ inJSON: JSONError, _ text: String) -> String {
        switch error {
        case .syntax(let reason):
            let isLikeJSON = text.first { !$0.isWhitespace }.map { "{[".contains($0) } ?? false
            return ": is neither JSON nor YAML: "
                + (isLikeJSON ? "as JSON, \(inJSON); as YAML, \(reason); correct it" : "\(reason); correct that line")
        case .documents(let count):
            let reason = count == 0 ? "holds nothing" : "holds \(count) documents"
            return ": \(reason); a plugin is configured by one document of JSON or YAML"
        case .value(let line, let reason):
            return "\(line.map { ", line \($0)" } ?? ""): \(reason)"
        }
    }
}
