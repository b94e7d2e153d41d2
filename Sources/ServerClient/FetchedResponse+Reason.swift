// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import FoundationEssentials

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
