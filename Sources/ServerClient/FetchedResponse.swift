// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import FoundationEssentials

/// The head of what a server answers.
package struct FetchedHead: Sendable {
    /// The status code.
    package let status: Int
    /// The fields, with names in lowercase.
    package let fields: [(name: String, value: String)]

    /// The value of a field; several are joined by commas, none is nil (RFC 9110 §5.3).
    package subscript(_ name: String) -> String? {
        let values = fields.filter { $0.name == name }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }
}

/// A server's whole answer.
package struct FetchedResponse: Sendable {
    /// The status and the fields.
    let head: FetchedHead
    /// The content, as it was received.
    package let body: [UInt8]

    /// The status code.
    package var status: Int { head.status }

    /// The value of a field; several are joined by commas, none is nil (RFC 9110 §5.3).
    package subscript(_ name: String) -> String? { head[name] }
}

extension FetchedResponse {
    /// The longest reason that is quoted, in characters.
    private static let longestReason = 200

    /// The status, and the reason if the answer gives one: in a problem document (RFC 9457), or in a line of text.
    ///
    /// A semicolon may follow, so a full stop at the end is left out.
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
