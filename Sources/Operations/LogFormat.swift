// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import FoundationEssentials
internal import HTTPSemantics
internal import Logging

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
            let other = fields.map { " \($0.key)=\($0.value.text)" }.joined()
            return "\(stamp) \(level.rawValue)\(padding) \(message.singleLine)\(other)\n"
        }
    }

    /// The longest level that is common: `warning`.
    private static let levelWidth = 7
}

extension Logger.MetadataValue {
    /// The value in JSON: numbers and truth values as such, everything else as a string.
    fileprivate var json: String {
        switch self {
        case .stringConvertible(let value as Int): "\(value)"
        case .stringConvertible(let value as Double): "\(value)"
        case .stringConvertible(let value as Bool): "\(value)"
        case .array(let values): "[\(values.map(\.json).joined(separator: ","))]"
        case .dictionary, .string, .stringConvertible: JSONText.quoted("\(self)")
        }
    }

    /// The value in text: quoted if it could be misread.
    fileprivate var text: String {
        let text = "\(self)"
        let isPlain = text.unicodeScalars.allSatisfy {
            !$0.endsLineOrControls && $0 != " " && $0 != "\""
        }
        return isPlain && !text.isEmpty ? text : JSONText.quoted(text)
    }
}

extension String {
    /// The text with its control characters escaped, so that nothing can forge a line.
    fileprivate var singleLine: String {
        unicodeScalars.contains(where: \.endsLineOrControls) ? JSONText.quoted(self) : self
    }
}

extension Unicode.Scalar {
    /// Whether it is a control character, or separates lines or paragraphs as only Unicode has it.
    fileprivate var endsLineOrControls: Bool {
        [.control, .lineSeparator, .paragraphSeparator].contains(properties.generalCategory)
    }
}
