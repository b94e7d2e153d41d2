// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import GatewayConfiguration
internal import Yams

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension PluginConfiguration {
    /// The largest file, in bytes: what a Kubernetes resource has room for.
    private static let maximumSize = 1 << 20
    /// The most values in it, since aliases can stand for many.
    private static let maximumCount = 20_000

    /// Reads a file of JSON or YAML.
    ///
    /// - Throws: ``CommandFailure`` that names the file, the reason and the remedy.
    init(readingFrom path: String) throws(CommandFailure) {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            let reason = FileManager.default.fileExists(atPath: path) ? "cannot be read" : "does not exist"
            throw CommandFailure(
                .noInput,
                "\(path): the plugin's configuration \(reason); check the path and who may read it"
            )
        }
        guard bytes.count <= Self.maximumSize else {
            throw CommandFailure(
                .dataError,
                "\(path): has more than 1 MiB, which no gateway takes; leave something out"
            )
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure(.dataError, "\(path): is not UTF-8 text; write JSON or YAML")
        }
        try self.init(text, from: path)
    }

    /// Reads a text of JSON or YAML.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - path: Where it is from, for the message.
    ///   - most: How many values it may stand for.
    /// - Throws: ``CommandFailure`` that names the line, the reason and the remedy.
    init(_ text: String, from path: String, most: Int = maximumCount) throws(CommandFailure) {
        var nodes: [Node] = []
        do {
            var documents = try Yams.compose_all(yaml: text)
            while let node = documents.next() { nodes.append(node) }
            if let error = documents.error { throw error }
        } catch {
            let lines = "\(error)".split(separator: "\n").prefix(2).joined(separator: " ")
            throw CommandFailure(.dataError, "\(path): is neither JSON nor YAML: \(lines); correct that line")
        }
        guard let node = nodes.first, nodes.count == 1 else {
            let reason = nodes.isEmpty ? "holds nothing" : "holds \(nodes.count) documents"
            throw CommandFailure(
                .dataError,
                "\(path): \(reason); a plugin is configured by one document of JSON or YAML"
            )
        }
        var room = most
        do throws(NodeError) {
            self = try Self.value(of: node, &room)
        } catch {
            throw CommandFailure(.dataError, "\(path)\(error.line.map { ", line \($0)" } ?? ""): \(error.reason)")
        }
    }

    private struct NodeError: Error {
        let line: Int?
        let reason: String
    }

    private static func value(of node: Node, _ room: inout Int) throws(NodeError) -> PluginConfiguration {
        room -= 1
        guard room >= 0 else { throw NodeError(line: nil, reason: "stands for too many values; use fewer aliases") }
        switch node {
        case .scalar(let scalar): return value(of: scalar, node)
        case .sequence(let sequence):
            var elements: [PluginConfiguration] = []
            for element in sequence { elements.append(try value(of: element, &room)) }
            return .array(elements)
        case .mapping(let mapping):
            var members: [Member] = []
            for (key, element) in mapping {
                guard let name = key.scalar?.string else {
                    throw NodeError(
                        line: key.mark?.line,
                        reason: "a key is not text; JSON has no such keys, so write it as text"
                    )
                }
                members.append(Member(name, try value(of: element, &room)))
            }
            return .object(members)
        default:
            throw NodeError(
                line: node.mark?.line,
                reason: "an alias has nothing that it stands for; write the value out"
            )
        }
    }

    private static func value(of scalar: Node.Scalar, _ node: Node) -> PluginConfiguration {
        guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
        if node.null != nil { return .null }
        if let bool = node.bool { return .bool(bool) }
        if isNumber(scalar.string) { return .number(scalar.string) }
        if let int = node.int { return .number("\(int)") }
        return .string(scalar.string)
    }

    /// Whether a text is a number of JSON (RFC 8259 §6).
    private static func isNumber(_ text: String) -> Bool {
        text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/) != nil
    }
}
