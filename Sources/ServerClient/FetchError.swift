// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import FoundationEssentials

/// Why a server gave no answer: what happened, for a person.
package enum FetchError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The host has no address, or it could not be asked for.
    case unresolved(String)
    /// Nobody could be connected to; why.
    case unreachable(String)
    /// It took too long; how far it got.
    case timedOut(afterConnecting: Bool)
    /// TLS failed.
    case tls(TLSFailure)
    /// It would not speak the version of HTTP that was asked for.
    case otherProtocol(String)
    /// What came was not of that version of HTTP.
    case malformed
    /// The answer ended before it was complete.
    case cut
    /// The content was longer than what is taken, in bytes.
    case tooLong(limit: Int)

    /// What happened, in words that follow the name of the server.
    package var description: String {
        switch self {
        case .unresolved(let reason): "its name cannot be resolved: \(reason)"
        case .unreachable(let reason): "cannot be connected to: \(reason)"
        case .timedOut(false): "did not accept a connection in time"
        case .timedOut(true): "accepted a connection and gave no complete answer in time"
        case .tls(let failure): failure.words
        case .otherProtocol(let name): "does not speak \(name) on this port"
        case .malformed: "answered something that is not HTTP"
        case .cut: "ended the connection before its answer was complete"
        case .tooLong(let limit): "answered more than \(limit) bytes"
        }
    }

    /// Whether some server answered, though not with HTTP that is of use.
    package var isOfAServer: Bool {
        switch self {
        case .unresolved, .unreachable, .timedOut: false
        case .tls, .otherProtocol, .malformed, .cut, .tooLong: true
        }
    }

    /// What a person can do about it.
    package var remedy: Remedy {
        switch self {
        case .unresolved: "check the name, and the DNS of where this runs"
        case .unreachable: "check that the server runs, the port, and network policies"
        case .timedOut(false): "check network policies and firewalls between here and there"
        case .timedOut(true): "check the server's log, and whether it lacks CPU"
        case .tls(let failure): failure.remedy
        case .otherProtocol, .malformed, .cut, .tooLong: "check that this is the port of the modules"
        }
    }
}

extension FetchedResponse {
    /// The longest reason that is told, in characters.
    private static let longestReason = 200

    /// The status, and why, as far as the answer says so: by a problem document (RFC 9457), or by a line of text.
    ///
    /// What is told can be followed by a semicolon, so a full stop at its end is left out.
    package var words: String {
        guard let reason else { return "is answered with \(status)" }
        return "is answered with \(status): \(reason.hasSuffix(".") ? String(reason.dropLast()) : reason)"
    }

    /// What a person can do about an answer that denies.
    package var remedyOfDenial: Remedy {
        if isOfWasmServer { return .allowClient }
        return self["server"]?.contains("envoy") == true
            ? "a proxy in between denies it: check its authorization policies"
            : "ask whoever runs the server, or a proxy in between, who may fetch"
    }

    /// Whether the answer to something that is denied is one of ours, which is the same for every path.
    package var isOfWasmServer: Bool { problem != nil && self["content-type"] == "application/problem+json" }

    private var reason: String? {
        if let detail = problem?.detail { return detail }
        guard self["content-type"]?.hasPrefix("text/plain") != false else { return nil }
        let text = String(decoding: body.prefix(Self.longestReason), as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).first.map { String($0) }
    }

    private struct Problem: Decodable {
        let detail: String?
    }

    private var problem: Problem? { try? JSONDecoder().decode(Problem.self, from: Data(body)) }
}
