// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
internal import HTTPService

extension FuzzTarget {
    /// Request fields, a line each, against a representation: its status, its range, its digest.
    static let selection = FuzzTarget("selection") { text in
        let lines = text.split(separator: "\n").map(fieldLine)
        let present = Set(lines.map(\.name))
        for lastModified in [nil, HTTPDate(seconds: 784_111_777)] {
            for method in [Method.get, .head] {
                let request = Request(method: method, path: "/plugin.wasm", fields: fields(lines))
                let answer = evaluate(request, lastModified)
                requireReason(for: answer, among: present, method)
                requireFraming(of: request, lastModified, answer)
                guard lastModified == nil else { continue }
                let undated = Request(
                    method: method,
                    path: "/plugin.wasm",
                    fields: fields(lines.filter { !$0.name.hasSuffix("-since") })
                )
                require(evaluate(undated, nil) == answer, "without a date, conditions on dates are ignored")
            }
        }
    }

    private static let content = Array("0123456789".utf8)
    private static let contentDigest = Digest(of: content)
    private static let now = HTTPDate(seconds: 1_793_000_000)

    private static func fieldLine(_ line: Substring) -> (name: String, value: String) {
        let parts = line.split(separator: ":", maxSplits: 1)
        let value = parts.count == 2 ? parts[1].drop { $0 == " " } : ""
        return (parts.first.map { $0.lowercased() } ?? "", String(value))
    }

    private static func fields(_ lines: [(name: String, value: String)]) -> RequestFields {
        lines.reduce(into: RequestFields()) { fields, line in fields.add(name: line.name, value: line.value) }
    }

    private static func evaluate(_ request: Request, _ lastModified: HTTPDate?) -> Selection {
        let tag = EntityTag(strong: "sha256:\(contentDigest)")
        let validators = Validators(entityTag: tag, lastModified: lastModified)
        return Selection.of(
            request.fields.conditions,
            method: request.method,
            validators: validators,
            length: content.count
        ) { now }
    }

    private static func requireReason(for answer: Selection, among present: Set<String>, _ method: Method) {
        switch answer {
        case .whole:
            break
        case .part(let bytes):
            require(!bytes.isEmpty && bytes.lowerBound >= 0 && bytes.upperBound <= content.count, "\(bytes)")
            require(present.contains("range") && method == .get, "a part is asked for")
        case .rangeNotSatisfiable:
            require(present.contains("range") && method == .get, "a part is asked for")
        case .notModified:
            require(!present.isDisjoint(with: ["if-none-match", "if-modified-since"]), "a 304 has a condition")
        case .preconditionFailed:
            require(!present.isDisjoint(with: ["if-match", "if-unmodified-since"]), "a 412 has a condition")
        }
    }

    private static func requireFraming(of request: Request, _ lastModified: HTTPDate?, _ answer: Selection) {
        let representation = Representation(
            body: .bytes(SharedBytes(content)),
            digest: contentDigest,
            mediaType: "application/wasm",
            caching: .revalidate,
            lastModified: lastModified
        )
        let response = representation.response(to: request) { now }
        let lengths = response.head.fields.filter { $0.name == "content-length" }.map(\.value)
        let expected: (status: Status, count: Int?) =
            switch answer {
            case .whole: (.ok, content.count)
            case .part(let bytes): (.partialContent, bytes.count)
            case .notModified: (.notModified, 0)
            case .preconditionFailed: (.preconditionFailed, nil)
            case .rangeNotSatisfiable: (.rangeNotSatisfiable, nil)
            }
        require(response.head.status == expected.status, "\(response.head.status) for \(answer)")
        require(response.body.count == expected.count ?? response.body.count, "\(response.body.count) bytes")
        require(lengths == (expected.status == .notModified ? [] : ["\(response.body.count)"]), "\(lengths)")
    }
}
