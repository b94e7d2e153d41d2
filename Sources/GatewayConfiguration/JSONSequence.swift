// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Documents of JSON one after another, as `jq '.items[]'` prints them, which YAML takes for none.
enum JSONSequence {
    private static let marker = Array("--- ".utf8)

    /// The same with a marker in front of each document but the first, so that they are documents of YAML in the same lines; nil of a text
    /// that does not begin with an object or a list, and another in a line below its end.
    ///
    /// Behind what is not JSON no more is marked: whoever reads the documents says what is wrong.
    static func marked(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        var marked: [UInt8] = []
        var (copied, depth, count, lineStart) = (0, 0, 0, 0)
        var (isInText, isEscaped, beginsLine) = (false, false, true)
        scan: for (index, byte) in bytes.enumerated() {
            if isInText {
                isInText = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
                continue
            }
            switch byte {
            case UInt8(ascii: "\n"): (beginsLine, lineStart) = (true, index + 1)
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): break
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                if depth == 0 {
                    guard beginsLine else { break scan }
                    if count > 0 {
                        marked += bytes[copied..<lineStart] + marker
                        copied = lineStart
                    }
                    count += 1
                }
                (depth, beginsLine) = (depth + 1, false)
            default:
                guard depth > 0 else { break scan }
                if [UInt8(ascii: "}"), UInt8(ascii: "]")].contains(byte) { depth -= 1 }
                (isInText, beginsLine) = (byte == UInt8(ascii: "\""), false)
            }
        }
        return count > 1 ? String(decoding: marked + bytes[copied...], as: UTF8.self) : nil
    }
}
