// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import StatusPage

@Suite("HTML")
struct HTMLTests {
    @Test("what is interpolated is text, whatever it says")
    func textIsEscaped() {
        let hostile = "<script>alert(1)</script>\" onload='x' &amp;"
        let html: HTML = "<p title=\"\(hostile)\">\(hostile)</p>"
        let escaped = "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&#39;x&#39; &amp;amp;"
        #expect(html.markup == "<p title=\"\(escaped)\">\(escaped)</p>")
    }

    @Test(
        "what would be obeyed is spelled out",
        arguments: [
            ("\u{1b}[31m", "\\u{1b}[31m"), ("\u{202e}gpj", "\\u{202e}gpj"), ("\0", "\\u{0}"), ("\u{fffe}", "\\u{fffe}"),
        ]
    )
    func steeringIsSpelledOut(text: String, shown: String) {
        let html: HTML = "\(text)"
        #expect(html.markup == shown)
    }

    @Test("pieces are markup already")
    func piecesAreNotEscapedAgain() {
        let piece: HTML = "<b>\("&")</b>"
        let html: HTML = "<p>\(piece)\([piece, piece])\(nil as HTML?)</p>"
        #expect(html.markup == "<p><b>&amp;</b><b>&amp;</b><b>&amp;</b></p>")
    }
}
