// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics
internal import HTTPService

@testable internal import HTTPProtocol

extension FuzzTarget {
    /// What a client of HTTP/1.x sends, in every way it can be cut.
    static let http1Head = FuzzTarget("http1-head") { (bytes: [UInt8]) in
        let whole = scan(bytes, pieces: [bytes.count])
        require(scan(bytes, pieces: Array(1...max(1, bytes.count))) == whole, "cutting after each byte changes nothing")
        for cut in bytes.indices {
            require(scan(bytes, pieces: [cut, bytes.count]) == whole, "cutting after \(cut) bytes changes nothing")
        }
        guard case .head(let end) = whole else { return }
        let head = Array(bytes[..<end])
        let lines = lines(of: head)
        require(head.suffix(4).elementsEqual("\r\n\r\n".utf8), "a head ends in an empty line")
        require(end <= limits.block && lines.count <= limits.fieldCount + 1, "a head keeps within its limits")
        guard let parsed = try? HTTP1HeadParser.parse(head.span) else { return }
        requireWellFormed(head, lines)
        requireSafe(parsed)
    }

    /// So small that an input can reach them.
    private static let limits: HeadLimits = {
        var limits = HeadLimits()
        limits.requestLine = 64
        limits.fieldLine = 48
        limits.block = 256
        limits.fieldCount = 8
        return limits
    }()

    private enum Scan: Equatable {
        case head(end: Int)
        case incomplete
        case refused(HTTP1HeadError)
    }

    /// The outcome for bytes that arrive in pieces, which end at these offsets.
    private static func scan(_ bytes: [UInt8], pieces ends: [Int]) -> Scan {
        var scanner = HTTP1HeadScanner(limits: limits)
        do throws(HTTP1HeadError) {
            for end in ends {
                let received = bytes.span.extracting(..<min(end, bytes.count))
                if let head = try scanner.end(in: received) { return .head(end: head) }
            }
            return .incomplete
        } catch {
            return .refused(error)
        }
    }

    /// Where the lines of a head are, without their ends and without empty ones.
    private static func lines(of head: [UInt8]) -> [Range<Int>] {
        let ends = head.indices.filter { head[$0] == UInt8(ascii: "\n") }
        return zip([0] + ends.map { $0 + 1 }, ends.map { $0 - 1 }).filter { $0 < $1 }.map { $0..<$1 }
    }

    /// What RFC 9112 §2.2, §3 and §5 demand of a head that is let through.
    private static func requireWellFormed(_ head: [UInt8], _ lines: [Range<Int>]) {
        for (index, byte) in head.enumerated() {
            switch byte {
            case UInt8(ascii: "\n"):
                require(index > 0 && head[index - 1] == UInt8(ascii: "\r"), "no line feed is bare")
            case UInt8(ascii: "\r"):
                require(index + 1 < head.count && head[index + 1] == UInt8(ascii: "\n"), "no carriage return is bare")
            default:
                require((byte >= 0x20 && byte != 0x7f) || byte == UInt8(ascii: "\t"), "no control character")
            }
        }
        require(head[lines[0]].count { $0 == UInt8(ascii: " ") } == 2, "a request line has three parts")
        for line in lines.dropFirst() {
            guard let colon = head[line].firstIndex(of: UInt8(ascii: ":")) else { fatalError("a field has a colon") }
            let isPlain = head[line.lowerBound..<colon].allSatisfy { $0 > 0x20 && $0 < 0x7f }
            require(isPlain && colon > line.lowerBound, "a field's name is a token")
        }
        let names = lines.dropFirst().map { line in
            String(decoding: head[line].prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self).lowercased()
        }
        require(names.count { $0 == "host" } <= 1, "there is one Host at most")
        let lengths = names.filter { $0 == "content-length" || $0 == "transfer-encoding" }
        require(lengths.count <= 1, "content has one length at most (RFC 9112 §6.1)")
    }

    private static func requireSafe(_ head: HTTP1Head) {
        let target = head.request.path + (head.request.query ?? "")
        require(target.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }, "a target is visible ASCII")
        require(!head.request.method.token.isEmpty, "there is a method")
        let (fields, conditions) = (head.request.fields, head.request.fields.conditions)
        let values = [
            conditions.ifMatch, conditions.ifNoneMatch, conditions.ifModifiedSince, conditions.ifUnmodifiedSince,
            conditions.ifRange,
            conditions.range, conditions.wantReprDigest, fields.forwardedFor, fields.requestID, fields.traceparent,
        ]
        for value in values.compactMap(\.self) {
            let isText = value.unicodeScalars.allSatisfy { $0 == "\t" || ($0.value >= 0x20 && $0.value != 0x7f) }
            require(isText, "no control character in \(value)")
        }
    }
}
