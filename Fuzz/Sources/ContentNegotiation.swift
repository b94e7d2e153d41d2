// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
internal import HTTPService

extension FuzzTarget {
    /// `Accept-Encoding`, `Accept` and `Accept-Language`, a line each, and the variant that is sent to whoever says that.
    static let contentNegotiation = FuzzTarget("content-negotiation") { text in
        let lines = text.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        let answers = [lines, lines.map(uppercase)].map { lines in
            let named = zip(NegotiationFields.Name.allCases, lines)
            let fields = named.reduce(into: RequestFields()) {
                $0.add(name: $1.0.rawValue, value: $1.1, reading: FieldSelection(hasNegotiation: true))
            }
            return representation.response(to: Request(method: .get, path: "/", fields: fields)) { now }
        }
        require(answers[0].head.http1 == answers[1].head.http1, "case means nothing")
        let head = answers[0].head
        require(head.status == .ok && head.fields.count { $0.name == "vary" } == 1, "some variant is sent")
        require(head["vary"] == "accept-encoding, accept, accept-language", "all that was asked is told")
        // There is one without a coding in each language and of each type, so it takes a word to get a coding.
        let encoding = lines[0].lowercased()
        let isNamed = ["gzip", "*", "identity"].contains { encoding.utf8.contains($0.utf8) }
        require(head["content-encoding"] == nil || isNamed, "nobody gets gzip who did not ask")
    }

    private static let now = HTTPDate(seconds: 1_793_000_000)

    private static let representation: Representation = {
        let variants = [nil, "gzip"].flatMap { coding in
            ["text/html", "text/plain; format=flowed"].flatMap { type in
                ["en", "de-DE"].map { language in
                    let bytes = Array("\(coding ?? "") \(type) \(language)".utf8)
                    return Variant(
                        body: .bytes(SharedBytes(bytes)),
                        digest: Digest(of: bytes),
                        mediaType: type,
                        contentCoding: coding,
                        contentLanguage: language
                    )
                }
            }
        }
        return Representation(variants[0], or: Array(variants.dropFirst()), caching: .revalidate)
    }()

    private static func uppercase(_ text: String) -> String {
        String(decoding: text.utf8.map { (97...122).contains($0) ? $0 & 0xdf : $0 }, as: UTF8.self)
    }
}
