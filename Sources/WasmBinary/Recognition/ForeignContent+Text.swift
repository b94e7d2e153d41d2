// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension ForeignContent {
    /// What text is; nil for what is none.
    static func text(_ bytes: Span<UInt8>) -> ForeignContent? {
        guard let excerpt = TextExcerpt(of: bytes) else { return nil }
        if let known = openings.first(where: { excerpt.begins(with: $0.text) }) { return known.content }
        switch excerpt.first {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            return ociMembers.contains(where: excerpt.contains) ? .ociManifest : .json
        case UInt8(ascii: "<"): return htmlTags.contains(where: excerpt.contains) ? .html : .xml
        default: return .plainText
        }
    }

    /// In lowercase; the first that fits counts.
    private static let openings: [(text: String, content: ForeignContent)] = [
        // git-lfs, docs/spec.md: the key `version` comes first.
        ("version https://git-lfs.github.com/spec/", .gitLFSPointer),
        ("-----begin ", .pem),
        ("#!", .script),
        ("(module", .wasmText), ("(component", .wasmText), (";;", .wasmText), ("(;", .wasmText),
        // How a module's first bytes look in base64, and those of one that was compressed (RFC 4648 §4).
        ("agfzbq", .encoded("in base64", decodedBy: "base64 -d")),
        ("h4si", .encoded("in base64, and compressed", decodedBy: "base64 -d | gunzip")),
        ("data:application/wasm;base64,", .encoded("in a data: URL", decodedBy: "base64 -d, after the comma")),
        ("0061736d", .encoded("in hexadecimal digits", decodedBy: "xxd -r -p")),
        ("00000000: 0061 736d", .encoded("as a hexadecimal dump", decodedBy: "xxd -r")),
        ("apiversion:", .yaml), ("kind:", .yaml),
    ]

    /// Members of OCI image manifests and indexes, and their media types (OCI Image Format, manifest.md, image-index.md).
    private static let ociMembers = [#""layers""#, #""manifests""#, "application/vnd.oci.image."]
    private static let htmlTags = ["<!doctype html", "<html", "<head", "<body"]
}

/// How a text begins, without a byte order mark and white space, in lowercase.
private struct TextExcerpt {
    private let bytes: ArraySlice<UInt8>

    private static let maximumLength = 4096
    /// The longest that a character can be in UTF-8.
    private static let longestCharacter = 4
    private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]
    private static let whiteSpace: Set<UInt8> = [0x09, 0x0a, 0x0c, 0x0d, 0x20]

    /// The excerpt; nil if a control character tells that it is no text.
    init?(of bytes: Span<UInt8>) {
        var excerpt: [UInt8] = []
        for index in 0..<min(bytes.count, Self.maximumLength) {
            let byte = bytes[index]
            guard byte >= 0x20 && byte != 0x7f || Self.whiteSpace.contains(byte) else { return nil }
            excerpt.append((UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte)
        }
        let text = excerpt.starts(with: Self.byteOrderMark) ? excerpt.dropFirst(3) : excerpt[...]
        self.bytes = text.drop(while: Self.whiteSpace.contains)
        // The excerpt may end within a character.
        let cuts = bytes.count > Self.maximumLength ? 0..<Self.longestCharacter : 0..<1
        guard cuts.contains(where: { String(validating: text.dropLast($0), as: UTF8.self) != nil }) else { return nil }
    }

    var first: UInt8? { bytes.first }

    func begins(with text: String) -> Bool { bytes.starts(with: text.utf8) }

    func contains(_ text: String) -> Bool {
        let wanted = Array(text.utf8)
        return bytes.indices.contains { bytes[$0...].starts(with: wanted) }
    }
}
