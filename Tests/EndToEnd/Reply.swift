// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation

/// The answer to a GET request.
struct Reply {
    /// The status code.
    let status: Int
    /// The fields by their lowercase names.
    let fields: [String: String]
    /// The content.
    let content: Data

    /// Parses a head and the content that follows it, as `curl --include` prints them.
    init(parsing bytes: Data) throws {
        guard let end = bytes.firstRange(of: Data("\r\n\r\n".utf8)) else {
            throw Unexpected("an answer without a head: \(String(decoding: bytes, as: UTF8.self))")
        }
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
        let lines = head.split(separator: "\r\n")
        let statusLine = lines.first?.split(separator: " ") ?? []
        guard statusLine.count >= 2, let status = Int(statusLine[1]) else {
            throw Unexpected("an answer without a status: \(head)")
        }
        self.status = status
        self.content = bytes[end.upperBound...]
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...]
            fields[line[..<colon].lowercased()] = value.trimmingCharacters(in: .whitespaces)
        }
        self.fields = fields
    }

    /// The content as text.
    var text: String {
        String(decoding: content, as: UTF8.self)
    }
}

extension Reply {
    /// What curl exits with when there is nobody, or nobody who answers yet: no connection, time out, an empty
    /// answer, a cut connection.
    private static let notYet: Set<Int32> = [7, 28, 52, 56]

    /// Sends a GET request by curl.
    ///
    /// - Parameters:
    ///   - url: What to ask for.
    ///   - options: What else curl is told, such as a certificate.
    ///   - folder: Where curl's output can go.
    /// - Returns: The answer, or `nil` when nobody answers there.
    /// - Throws: `Unexpected` when curl is missing, or fails for another reason.
    static func get(_ url: String, with options: [String] = [], outputIn folder: URL) async throws -> Self? {
        let always = ["--disable", "--silent", "--show-error", "--include", "--globoff", "--noproxy", "*"]
        let curl = try Program(
            URL(filePath: "/usr/bin/env"),
            ["curl"] + always + options + ["--max-time", "5", url],
            outputIn: folder
        )
        let code = await curl.exitCode()
        switch code {
        case 0: return try Self(parsing: curl.output)
        case notYet: return nil
        case 127: throw Unexpected("there is no curl; run Scripts/install-tools test")
        default: throw Unexpected("curl \(url) ended with code \(code): \(try curl.lastWords)")
        }
    }
}

/// Lets a `switch` ask whether a value is one of several.
private func ~= (pattern: Set<Int32>, value: Int32) -> Bool {
    pattern.contains(value)
}
