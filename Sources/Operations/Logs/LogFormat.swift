// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import FoundationEssentials
internal import HTTPSemantics
package import Logging

/// How a log line looks.
package enum LogFormat: String, CaseIterable, Sendable {
    /// One JSON object a line, for collectors.
    case json
    /// Aligned text, for people at a terminal.
    case text

    /// A line with its line feed.
    func line(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata, at time: Date) -> String {
        let fields = metadata.sorted { $0.key < $1.key }
        switch self {
        case .json:
            let stamp = time.formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true))
            let members = [("time", stamp + "Z"), ("level", level.rawValue), ("message", message)]
            let own = members.map { "\(JSONText.quoted($0)):\(JSONText.quoted($1))" }
            let other = fields.map { "\(JSONText.quoted($0.key)):\($0.value.json)" }
            return "{\((own + other).joined(separator: ","))}\n"
        case .text:
            let stamp = time.formatted(.iso8601.time(includingFractionalSeconds: true))
            let padding = String(repeating: " ", count: max(0, Self.levelWidth - level.rawValue.count))
            let other = fields.map { $0.value.text(of: $0.key) }.joined()
            return "\(stamp) \(level.rawValue)\(padding) \(message.singleLine)\(other)\n"
        }
    }

    /// The longest level that is common: `warning`.
    private static let levelWidth = 7
}

extension Logger.MetadataValue {
    /// A date in seconds since 1970, as RFC 3339 writes it in UTC.
    package static func date(_ seconds: Int64) -> Self {
        .string(Date(timeIntervalSince1970: Double(seconds)).ISO8601Format())
    }

    /// The value in JSON: numbers and truth values as such, a duration as its seconds, everything else as a string.
    fileprivate var json: String {
        switch self {
        case .stringConvertible(let value as Int): "\(value)"
        case .stringConvertible(let value as Bool): "\(value)"
        case .stringConvertible(let value as Duration): value.seconds
        case .stringConvertible(let value as Double) where value.isFinite: "\(value)"
        case .stringConvertible(let value as any BinaryInteger): "\(value)"
        case .array(let values): "[\(values.map(\.json).joined(separator: ","))]"
        case .dictionary(let members): "{\(Self.json(members))}"
        case .string, .stringConvertible: JSONText.quoted("\(self)")
        }
    }

    private static func json(_ members: Logger.Metadata) -> String {
        members.sorted { $0.key < $1.key }.map { "\(JSONText.quoted($0.key)):\($0.value.json)" }.joined(separator: ",")
    }

    /// The value in text, behind its key: quoted if it could be misread.
    ///
    /// Each member of a dictionary has a key of its own.
    fileprivate func text(of key: String) -> String {
        switch self {
        case .dictionary(let members):
            return members.sorted { $0.key < $1.key }.map { $0.value.text(of: "\(key).\($0.key)") }.joined()
        case .stringConvertible(let value as Duration):
            return " \(key.singleLine)=\(value.seconds)s"
        case .array(let values):
            return Self.string(values.map { "\($0)" }.joined(separator: ",")).text(of: key)
        case .string, .stringConvertible:
            let text = "\(self)"
            let isPlain = text.unicodeScalars.allSatisfy { !$0.steersDisplay && $0 != " " && $0 != "\"" }
            return " \(key.singleLine)=\(isPlain && !text.isEmpty ? text : JSONText.quoted(text))"
        }
    }
}

extension Duration {
    /// In seconds, to the microsecond.
    fileprivate var seconds: String { Exposition.number((self / .microseconds(1)).rounded() / 1e6) }
}

extension String {
    /// The text with its control characters escaped, so that nothing can forge a line.
    fileprivate var singleLine: String {
        unicodeScalars.contains(where: \.steersDisplay) ? JSONText.quoted(self) : self
    }
}
