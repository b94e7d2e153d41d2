// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import Testing

// RFC 9110 §4.2.1, RFC 3986 §3.2.2, §3.2.3.
@Suite("An authority")
struct AuthoritySyntaxTests {
    @Test(
        "is a host, with a port or without",
        arguments: [
            "a", "a.b-c_d~e", "a,b", "a!$&'()*+;=", "%41b", "a%2Fb", "a:", "a:0", "a:80", "a:65535", "a:00000080",
            "1.2.3.4",
            "999.1", "[::]", "[::1]", "[::1]:8082", "[1::]", "[1:2:3:4:5:6:7:8]", "[2001:DB8::1:0:0:1]",
            "[::ffff:192.0.2.1]",
            "[1:2:3:4:5:6:192.0.2.1]", "[1:2:3::6:7:8]", "[::2:3:4:5:6:7:8]",
        ]
    )
    func good(_ text: String) {
        #expect(AuthoritySyntax.isValid(text))
    }

    @Test(
        "is nothing else",
        arguments: [
            "", ":", ":80", "a b", "a/b", "a?b", "a#b", "u@a", "u:p@a", "%", "%4", "%zz", "%4g", "a%", "é", "a\\b",
            "a\"b", "<a>",
            "{a}", "a|b", "a^b", "`a", "a:b", "a:+1", "a:-1", "a:65536", "a:99999999", "a:99999999999999999999999",
            "a:80:80",
            "::1", "[x]", "[]", "[:]", "[:::]", "[1]", "[::1", "::1]", "[::1]a", "[::1]:x", "[::1]]",
            "[1:2:3:4:5:6:7:8:9]",
            "[1:2:3:4:5:6:7]", "[1:2:3:4::5:6:7:8]", "[1::2::3]", "[12345::]", "[::g]", "[:1::2]", "[::1:]", "[1:]",
            "[::1.2.3]",
            "[::1.2.3.4.5]", "[::256.1.1.1]", "[::1.2.3.04]", "[::1.2.3.4:5]", "[::.1.2.3]", "[fe80::1%25eth0]",
            "[1.2.3.4]",
            "[v1.a]",
        ]
    )
    func bad(_ text: String) {
        #expect(!AuthoritySyntax.isValid(text))
    }
}
