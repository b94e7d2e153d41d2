// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
internal import HTTPService

/// Reads the lines of a complete head, strictly: what two parsers could read in two ways is refused (RFC 9112 §11.2).
struct HTTP1HeadParser {
    private var fields = RequestFields()
    private var hostCount = 0
    private var contentLength: Int?
    private var isChunked = false
    private var closes = false
    private var asksKeepAlive = false

    /// Parses a head, each of whose lines ends in CR LF: the request line, the field lines, an empty line.
    ///
    /// - Parameters:
    ///   - head: The whole of it; empty lines before the request line are tolerated (RFC 9112 §2.2).
    ///   - selection: Which fields are read besides the usual ones.
    ///   - texts: Those that requests share.
    /// - Returns: What it says.
    /// - Throws: ``HTTP1HeadError``, with the status of the answer and what is wrong.
    static func parse(
        _ head: Span<UInt8>,
        reading selection: FieldSelection = FieldSelection(),
        sharing texts: RecentTexts = RecentTexts()
    ) throws(HTTP1HeadError) -> HTTP1Head {
        var start = 0
        while isLineEnd(head, at: start) { start += lineEndLength }
        guard let end = head.firstIndex(of: UInt8(ascii: "\n"), in: start..<head.count).map({ $0 - 1 }), end > start
        else {
            throw .malformed("There is no request line.")
        }
        let line = try RequestLine(head.extracting(start..<end), sharing: texts)
        var parser = HTTP1HeadParser()
        var position = end + lineEndLength
        while !isLineEnd(head, at: position) {
            position = try parser.addLine(of: head, from: position, reading: selection, sharing: texts)
        }
        return try parser.head(for: line)
    }

    /// Of CR LF, in bytes.
    private static let lineEndLength = 2

    /// Whether a line ends at an offset.
    private static func isLineEnd(_ head: Span<UInt8>, at offset: Int) -> Bool {
        offset + 1 < head.count && head[offset] == UInt8(ascii: "\r") && head[offset + 1] == UInt8(ascii: "\n")
    }

    private mutating func head(for line: RequestLine) throws(HTTP1HeadError) -> HTTP1Head {
        // RFC 9112 §3.2: exactly one Host in HTTP/1.1, and never two.
        guard hostCount == 1 || (hostCount == 0 && line.version == .http10) else {
            throw .malformed(hostCount == 0 ? "The Host field is missing." : "There is more than one Host field.")
        }
        if let target = line.absolute, let authority = target.authority {
            try Self.require(authority, of: target)
            fields.replace(authority: authority)
        }
        // RFC 9112 §6.1: both lengths, or a coding in HTTP/1.0, are how requests are smuggled.
        guard !isChunked || (contentLength == nil && line.version == .http11) else {
            throw .malformed("Transfer-Encoding may not go with Content-Length or HTTP/1.0.")
        }
        // They are moved, not copied.
        var fields = RequestFields()
        swap(&fields, &self.fields)
        return HTTP1Head(
            request: Request(method: line.method, path: line.path, query: line.query, fields: consume fields),
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

    /// Takes in the field line at an offset, and gives that of the next.
    private mutating func addLine(
        of head: Span<UInt8>,
        from start: Int,
        reading selection: FieldSelection,
        sharing texts: RecentTexts
    ) throws(HTTP1HeadError) -> Int {
        let nameEnd = head.firstIndex(notIn: .token, from: start)
        guard nameEnd > start, nameEnd < head.count, head[nameEnd] == UInt8(ascii: ":") else {
            throw .malformed("A field line is not a name, a colon and a value.")
        }
        let end = head.firstControlCharacter(from: nameEnd + 1)
        guard Self.isLineEnd(head, at: end) else { throw .malformed("A field's value has a control character.") }
        let value = head.extracting(Self.withoutWhiteSpaceAround(nameEnd + 1..<end, of: head))
        if try !addKnown(head.extracting(start..<nameEnd), value, sharing: texts) {
            fields.add(name: head.extracting(start..<nameEnd), value: value, reading: selection, sharing: texts)
        }
        return end + Self.lineEndLength
    }

    /// Takes a field in, whose name is in any case (RFC 9110 §5.1), if the connection depends on it; false if it does not.
    private mutating func addKnown(
        _ name: Span<UInt8>,
        _ value: Span<UInt8>,
        sharing texts: RecentTexts
    ) throws(HTTP1HeadError) -> Bool {
        switch name.count {
        case 4 where name.isEqual(ignoringCase: "host"):
            hostCount += 1
            if let known = texts.authority.text(ifEqualTo: value) {
                fields.add(authority: known)
                return true
            }
            // It is empty where a target has no authority (RFC 9112 §3.2).
            guard value.isEmpty || AuthoritySyntax.isValid(value) else {
                throw .malformed("The Host field is not a host and at most a port.")
            }
            fields.add(authority: texts.authority.text(of: value))
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
            addConnectionOptions(value)
        default:
            return false
        }
        return true
    }

    /// Takes the options of a Connection field in (RFC 9110 §7.6.1).
    private mutating func addConnectionOptions(_ list: Span<UInt8>) {
        var start = 0
        while start < list.count {
            let end = list.firstIndex(of: UInt8(ascii: ","), in: start..<list.count) ?? list.count
            let option = list.extracting(Self.withoutWhiteSpaceAround(start..<end, of: list))
            closes = closes || option.isEqual(ignoringCase: "close")
            asksKeepAlive = asksKeepAlive || option.isEqual(ignoringCase: "keep-alive")
            start = end + 1
        }
    }

    /// A range without the spaces and tabs at its beginning and its end.
    private static func withoutWhiteSpaceAround(_ range: Range<Int>, of bytes: Span<UInt8>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, bytes[start].isWhiteSpace { start += 1 }
        while end > start, bytes[end - 1].isWhiteSpace { end -= 1 }
        return start..<end
    }
}

/// The first line of a request (RFC 9112 §3).
private struct RequestLine {
    let method: Method
    let path: String
    let query: String?
    /// The target, if it is in absolute-form or something else that no path begins.
    let absolute: RequestTarget?
    let version: Exchange.ProtocolVersion

    private static let versionPrefix = Array("HTTP/".utf8)

    init(_ line: Span<UInt8>, sharing texts: RecentTexts) throws(HTTP1HeadError) {
        let methodEnd = line.firstIndex(notIn: .token, from: 0)
        // A URI has nothing but visible characters (RFC 3986 §2).
        let targetEnd = line.firstInvisibleCharacter(from: min(methodEnd + 1, line.count))
        let versionStart = targetEnd + 1
        guard methodEnd > 0, targetEnd > methodEnd + 1, versionStart < line.count,
            line[methodEnd] == UInt8(ascii: " "), line[targetEnd] == UInt8(ascii: " ")
        else { throw .malformed("The request line is not a method, a target and a version.") }
        version = try Self.version(line.extracting(versionStart...))
        method = Method(line.extracting(..<methodEnd))
        let target = line.extracting(methodEnd + 1..<targetEnd)
        if target[0] == UInt8(ascii: "/") {
            let mark = target.firstIndex(of: UInt8(ascii: "?"), in: 0..<target.count)
            path = texts.path.text(of: target.extracting(..<(mark ?? target.count)))
            query = mark.map { String(text: target.extracting(($0 + 1)...)) }
            absolute = nil
        } else {
            let absolute = RequestTarget(String(text: target))
            (path, query, self.absolute) = (absolute.path, absolute.query, absolute)
        }
    }

    private static func version(_ text: Span<UInt8>) throws(HTTP1HeadError) -> Exchange.ProtocolVersion {
        if text.isEqual(to: "HTTP/1.1") { return .http11 }
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
