// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Testing

@Suite("A digest")
struct DigestTests {
    /// FIPS 180-4's example: SHA-256 of `abc`.
    private static let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    @Test("is that of FIPS 180-4")
    func fips() {
        #expect(Digest(of: Array("abc".utf8)).hexadecimal == Self.abc)
        #expect(
            Digest(of: []).hexadecimal == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
    }

    @Test("is the same in pieces")
    func pieces() {
        var hasher = DigestHasher()
        hasher.update(Array("a".utf8).span)
        hasher.update([UInt8]().span)
        hasher.update(Array("bc".utf8).span)
        #expect(hasher.digest.hexadecimal == Self.abc)
    }

    @Test("is written in base64 as RFC 9530 writes it: its §2 gives this digest of this content")
    func base64() {
        // RFC 9530 §2: {"hello": "world"} and a line feed.
        let content = Array("{\"hello\": \"world\"}\n".utf8)
        #expect(Digest(of: content).base64 == "RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=")
    }

    @Test("is read from 64 lowercase hexadecimal digits")
    func parsing() throws {
        #expect(try #require(Digest(hexadecimal: Self.abc)) == Digest(of: Array("abc".utf8)))
    }

    @Test(
        "is not read from anything else",
        arguments: [
            "", "ab", Self.abc.uppercased(), String(Self.abc.dropLast()), Self.abc + "0",
            String(Self.abc.dropLast()) + "g",
            String(Self.abc.dropLast(2)) + "é",
        ]
    )
    func rejected(_ text: String) {
        #expect(Digest(hexadecimal: text) == nil)
    }
}
