// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Foundation
internal import Logging

@testable internal import Operations

extension FuzzTarget {
    /// Any text in any place of a log line.
    static let logLine = FuzzTarget("log-line") { text in
        let plain: Logger.Metadata = [
            "value": "\(text)", "list": ["\(text)", .stringConvertible(1)], "map": ["\(text)": "\(text)"],
        ]
        let metadata = plain.merging(["a \(text)": "key"]) { value, _ in value }
        let json = line(.json, text, metadata)
        requireOneLine(json)
        guard let object = try? JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any] else {
            fatalError("not a JSON object: \(json)")
        }
        let list = object["list"] as? [Any]
        for value in [object["message"], object["value"], list?.first] {
            let read = value as? String
            require(read?.unicodeScalars.elementsEqual(text.unicodeScalars) ?? false, "\(json) says what was logged")
        }
        require(list?.last as? Int == 1, "numbers are numbers")
        // A person reads keys as they are; ours are plain.
        requireOneLine(line(.text, text, plain))
    }

    private static func line(_ format: LogFormat, _ message: String, _ metadata: Logger.Metadata) -> String {
        String(decoding: LogSink(descriptor: -1, format: format).line(.info, message, metadata), as: UTF8.self)
    }

    /// What no terminal and no collector takes for the end of a line, or for a command.
    private static func requireOneLine(_ line: String) {
        require(line.unicodeScalars.last == "\n", "a line ends")
        let inner = line.unicodeScalars.dropLast()
        require(inner.allSatisfy { $0.properties.generalCategory != .control }, "no control character in \(line)")
        require(!inner.contains { $0 == "\u{2028}" || $0 == "\u{2029}" }, "no separator in \(line)")
    }
}
