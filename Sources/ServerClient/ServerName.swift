// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import NIOCore

/// A name under which servers are found: `HOST`, `HOST:PORT`, `[IPv6]`, `[IPv6]:PORT`, or an IPv6 address as it is.
package struct ServerName: Hashable, Sendable, CustomStringConvertible {
    /// The longest name that DNS knows, in bytes (RFC 1035 §2.3.4, less what it takes to encode it).
    private static let maximumLength = 253

    /// The host's name without a final dot, or its address without brackets.
    package let host: String
    /// The port, where one is named.
    package let port: Int?

    /// Whether the host is an IPv4 or IPv6 address, and not a name.
    package let isAddress: Bool

    /// The name that a text spells.
    ///
    /// - Throws: ``ServerNameError`` with the reason and the remedy.
    package init(_ text: String) throws(ServerNameError) {
        let failure = { (reason: String, remedy: String) in
            ServerNameError(text: text, reason: reason, remedy: remedy)
        }
        guard !text.contains("/") else { throw failure("is a URL or a path", "name HOST or HOST:PORT") }
        let (host, port) = try Self.parts(of: text, failure)
        self.port = try port.map { text throws(ServerNameError) in
            let isNumber = text.utf8.allSatisfy { (48...57).contains($0) }
            guard isNumber, let number = Int(text), (1...65535).contains(number) else {
                throw failure("has no port between 1 and 65535 behind the colon", "name HOST or HOST:PORT")
            }
            return number
        }
        // It would look no further than to a NUL.
        isAddress = !host.utf8.contains(0) && (try? SocketAddress(ipAddress: host, port: 0)) != nil
        if !isAddress {
            guard !host.contains(":") else {
                throw failure("is not an IPv6 address", "name HOST, HOST:PORT or [IPv6]:PORT")
            }
            guard !host.contains(",") else { throw failure("has a comma in it", "name each host by itself") }
            guard Self.isHostName(host) else {
                throw failure(
                    port == nil ? "is not the name of a host" : "has no name of a host before the port",
                    "name a host by letters, digits, '-' and '.'"
                )
            }
        }
        self.host = host
    }

    private static func parts(
        of text: String,
        _ failure: (String, String) -> ServerNameError
    ) throws(ServerNameError) -> (host: String, port: String?) {
        if text.utf8.first == UInt8(ascii: "[") {
            guard let end = text.utf8.firstIndex(of: UInt8(ascii: "]")) else {
                throw failure("has a bracket that is not closed", "name [IPv6] or [IPv6]:PORT")
            }
            let host = String(text[..<end].dropFirst())
            let rest = text[end...].dropFirst()
            guard host.contains(":") else { throw failure("is not an IPv6 address", "leave the brackets out") }
            guard rest.isEmpty || rest.utf8.first == UInt8(ascii: ":") else {
                throw failure("has something else than a port behind the bracket", "name [IPv6] or [IPv6]:PORT")
            }
            return (host, rest.isEmpty ? nil : String(rest.dropFirst()))
        }
        let colons = text.utf8.count { $0 == UInt8(ascii: ":") }
        guard colons == 1, let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else {
            return (withoutFinalDot(text), nil)
        }
        return (withoutFinalDot(String(text[..<colon])), String(text[colon...].dropFirst()))
    }

    private static func withoutFinalDot(_ host: String) -> String {
        host.hasSuffix(".") ? String(host.dropLast()) : host
    }

    private static func isHostName(_ host: String) -> Bool {
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        return host.utf8.count <= maximumLength
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count)
                    && label.utf8.allSatisfy { $0.isAlphanumeric || "-_".utf8.contains($0) }
            }
    }

    /// The name as it would be given.
    package var description: String {
        let host = host.contains(":") ? "[\(host)]" : host
        return port.map { "\(host):\($0)" } ?? host
    }
}

/// Why a text names no server: the text, the reason and the remedy.
package struct ServerNameError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was given.
    package let text: String
    /// What is wrong with it.
    package let reason: String
    /// What a person can do about it.
    package let remedy: String

    /// An error about a text.
    package init(text: String, reason: String, remedy: String) {
        (self.text, self.reason, self.remedy) = (text, reason, remedy)
    }

    /// One line: the text, the reason, the remedy.
    package var description: String { "\(text): \(reason); \(remedy)" }
}
