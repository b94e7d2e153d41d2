// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics
internal import HTTPService

/// Reads what can be read of a head that is refused or not complete: for the log, and never to answer by.
enum HTTP1Excerpt {
    private static let version = Array(" HTTP/".utf8)

    /// The part of a request that can be read in everything received since its head began; nil without a method and
    /// something behind it.
    ///
    /// `selection` says which fields are read besides the usual ones.
    static func request(in bytes: Span<UInt8>, reading selection: FieldSelection = FieldSelection()) -> Request? {
        var start = 0
        var requestLine: (method: Method, target: RequestTarget)?
        var fields = RequestFields()
        while let end = (start..<bytes.count).first(where: { bytes[$0] == UInt8(ascii: "\n") }) {
            let hasReturn = end > start && bytes[end - 1] == UInt8(ascii: "\r")
            let line = bytes.extracting(start..<(hasReturn ? end - 1 : end))
            start = end + 1
            if requestLine != nil {
                add(line, to: &fields, reading: selection)
            } else if line.count > 0 {
                // Empty lines before the request line are tolerated (RFC 9112 §2.2).
                requestLine = self.requestLine(line)
                guard requestLine != nil else { return nil }
            }
        }
        return (requestLine ?? self.requestLine(bytes.extracting(start...))).map {
            Request(method: $0.method, target: $0.target, fields: fields)
        }
    }

    /// A request line, whether a version stands at its end or not; blanks in the target are shown.
    private static func requestLine(_ line: Span<UInt8>) -> (method: Method, target: RequestTarget)? {
        let methodEnd = line.indices.first { !line[$0].isTokenCharacter } ?? line.count
        guard methodEnd > 0, methodEnd + 1 < line.count, line[methodEnd] == UInt8(ascii: " ") else { return nil }
        let target = line.extracting((methodEnd + 1)...)
        let targetEnd = target.indices.last { isVersion(target.extracting($0...)) } ?? target.count
        return (
            Method(line.extracting(..<methodEnd)), RequestTarget(String(text: target.extracting(..<targetEnd)))
        )
    }

    private static func isVersion(_ bytes: Span<UInt8>) -> Bool {
        bytes.count >= version.count && version.indices.allSatisfy { bytes[$0] == version[$0] }
    }

    private static func add(_ line: Span<UInt8>, to fields: inout RequestFields, reading selection: FieldSelection) {
        let nameEnd = line.indices.first { !line[$0].isTokenCharacter } ?? line.count
        guard nameEnd > 0, nameEnd < line.count, line[nameEnd] == UInt8(ascii: ":") else { return }
        let value = String(text: line.extracting((nameEnd + 1)...))
        fields.add(
            name: String(lowercasing: line.extracting(..<nameEnd)),
            value: String(value.drop { $0 == " " || $0 == "\t" }),
            reading: selection
        )
    }
}
