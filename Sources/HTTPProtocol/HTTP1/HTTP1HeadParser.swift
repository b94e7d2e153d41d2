// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
internal import HTTPService

/// Reads the lines of a complete head, strictly: what two parsers could read in two ways is refused (RFC 9112 §11.2).
struct HTTP1HeadParser {
    private let selection: FieldSelection
    private var fields = RequestFields()
    private var hostCount = 0
    private var contentLength: Int?
    private var isChunked = false
    private var closes = false
    private var asksKeepAlive = false

    /// Parses a head, whose lines come without their ends: the request line, then the field lines.
    static func parse(
        _ bytes: Span<UInt8>,
        lines: [Range<Int>],
        reading selection: FieldSelection = FieldSelection()
    ) throws(HTTP1HeadError) -> HTTP1Head {
        guard let first = lines.first else { throw .malformed("There is no request line.") }
        let line = try RequestLine(bytes.extracting(first))
        var parser = HTTP1HeadParser(reading: selection)
        for line in lines.dropFirst() {
            try parser.add(bytes.extracting(line))
        }
        return try parser.head(for: line)
    }

    private init(reading selection: FieldSelection) {
        self.selection = selection
    }

    private mutating func head(for line: RequestLine) throws(HTTP1HeadError) -> HTTP1Head {
        // RFC 9112 §3.2: exactly one Host in HTTP/1.1, and never two.
        guard hostCount == 1 || (hostCount == 0 && line.version == .http10) else {
            throw .malformed(hostCount == 0 ? "The Host field is missing." : "There is more than one Host field.")
        }
        let target = RequestTarget(line.target)
        if let authority = target.authority {
            try Self.require(authority, of: target)
            fields.replace(authority: authority)
        }
        // RFC 9112 §6.1: both lengths, or a coding in HTTP/1.0, are how requests are smuggled.
        guard !isChunked || (contentLength == nil && line.version == .http11) else {
            throw .malformed("Transfer-Encoding may not go with Content-Length or HTTP/1.0.")
        }
        return HTTP1Head(
            request: Request(method: Method(line.method), target: target, fields: fields),
            version: line.version,
            keepsAlive: !closes && (line.version == .http11 || asksKeepAlive),
            hasContent: isChunked || (contentLength ?? 0) > 0
        )
    }

    /// Requires of a target in absolute-form that it is of HTTP (RFC 9110 §7.4), and names a host.
    private static func require(_ authority: String, of target: RequestTarget) throws(HTTP1HeadError) {
        guard ["http", "https"].contains(target.scheme) else {
            throw HTTP1HeadError(
                status: .misdirectedRequest,
                detail: "The request target is neither of http nor of https, and nothing else is served here."
            )
        }
        guard !authority.utf8.contains(UInt8(ascii: "@")) else {
            throw .malformed("The request target has user information before its host; leave it out.")
        }
        guard AuthoritySyntax.isValid(authority) else {
            throw .malformed("The request target does not name a host and at most a port.")
        }
    }

    private mutating func add(_ line: Span<UInt8>) throws(HTTP1HeadError) {
        var nameEnd = 0
        while nameEnd < line.count, line[nameEnd].isTokenCharacter { nameEnd += 1 }
        guard nameEnd > 0, nameEnd < line.count, line[nameEnd] == UInt8(ascii: ":") else {
            throw .malformed("A field line is not a name, a colon and a value.")
        }
        var start = nameEnd + 1
        var end = line.count
        while start < end, line[start].isWhiteSpace { start += 1 }
        while end > start, line[end - 1].isWhiteSpace { end -= 1 }
        let value = line.extracting(start..<end)
        for index in value.indices where !value[index].isFieldValueCharacter {
            throw .malformed("A field's value has a control character.")
        }
        try add(name: line.extracting(..<nameEnd), value: value)
    }

    /// Takes a field in, whose name is in any case (RFC 9110 §5.1).
    private mutating func add(name: Span<UInt8>, value: Span<UInt8>) throws(HTTP1HeadError) {
        switch name.count {
        case 4 where name.isEqual(ignoringCase: "host"):
            hostCount += 1
            // It is empty where a target has no authority (RFC 9112 §3.2).
            guard value.isEmpty || AuthoritySyntax.isValid(value) else {
                throw .malformed("The Host field is not a host and at most a port.")
            }
            fields.add(authority: String(text: value))
        case 14 where name.isEqual(ignoringCase: "content-length"):
            guard contentLength == nil, let length = Int(digits: value) else {
                throw .malformed("Content-Length is not one number.")
            }
            contentLength = length
        case 17 where name.isEqual(ignoringCase: "transfer-encoding"):
            guard !isChunked, value.isEqual(ignoringCase: "chunked") else {
                throw .malformed("Transfer-Encoding is not chunked, once.")
            }
            isChunked = true
        case 10 where name.isEqual(ignoringCase: "connection"):
            for option in String(lowercasing: value).split(separator: ",") {
                let option = option.filter { $0 != " " && $0 != "\t" }
                closes = closes || option == "close"
                asksKeepAlive = asksKeepAlive || option == "keep-alive"
            }
        default:
            fields.add(name: name, value: value, reading: selection)
        }
    }
}

/// The first line of a request (RFC 9112 §3).
private struct RequestLine {
    let method: String
    let target: String
    let version: Exchange.ProtocolVersion

    private static let versionPrefix = Array("HTTP/".utf8)

    init(_ line: Span<UInt8>) throws(HTTP1HeadError) {
        var methodEnd = 0
        while methodEnd < line.count, line[methodEnd].isTokenCharacter { methodEnd += 1 }
        var targetEnd = methodEnd + 1
        // Visible ASCII: a URI has nothing else (RFC 3986 §2).
        while targetEnd < line.count, (0x21...0x7e).contains(line[targetEnd]) { targetEnd += 1 }
        let versionStart = targetEnd + 1
        guard methodEnd > 0, targetEnd > methodEnd + 1, versionStart < line.count,
            line[methodEnd] == UInt8(ascii: " "), line[targetEnd] == UInt8(ascii: " ")
        else { throw .malformed("The request line is not a method, a target and a version.") }
        method = String(text: line.extracting(..<methodEnd))
        target = String(text: line.extracting(methodEnd + 1..<targetEnd))
        version = try Self.version(line.extracting(versionStart...))
    }

    private static func version(_ text: Span<UInt8>) throws(HTTP1HeadError) -> Exchange.ProtocolVersion {
        let isVersion =
            text.count == versionPrefix.count + 3 && versionPrefix.indices.allSatisfy { text[$0] == versionPrefix[$0] }
            && text[5].isDigit && text[6] == UInt8(ascii: ".") && text[7].isDigit
        guard isVersion else { throw .malformed("The request line does not end in a version.") }
        guard text[5] == UInt8(ascii: "1") else {
            throw HTTP1HeadError(
                status: .httpVersionNotSupported,
                detail: "HTTP/1.1 and, by prior knowledge, HTTP/2 are spoken here."
            )
        }
        return text[7] == UInt8(ascii: "0") ? .http10 : .http11
    }
}
