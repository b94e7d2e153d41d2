// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Testing

@Suite("A digest")
struct DigestTests {
    /// FIPS 180-4's example: SHA-256 of `abc`.
    private static let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    // The examples of FIPS 180-4 (https://csrc.nist.gov, "SHA256.pdf" and "SHA2_Additional.pdf"), and that of no bytes.
    @Test(
        "is that of FIPS 180-4",
        arguments: [
            ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (Array("abc".utf8), Self.abc),
            (
                Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            ([0xbd], "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b"),
            ([0xc9, 0x8c, 0x8e, 0x55], "7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504"),
            ([UInt8](repeating: 0, count: 55), "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7"),
            ([UInt8](repeating: 0, count: 56), "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb"),
            ([UInt8](repeating: 0, count: 64), "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b"),
            ([UInt8](repeating: 0, count: 1000), "541b3e9daa09b20bf85fa273e5cbd3e80185aa4ec298e765db87742b70138a53"),
            (
                [UInt8](repeating: 0x61, count: 1_000_000),
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            ),
        ] as [([UInt8], String)]
    )
    func fips(_ bytes: [UInt8], _ digest: String) {
        #expect(Digest(of: bytes).hexadecimal == digest)
    }

    @Test("is the same in pieces")
    func pieces() {
        var hasher = DigestHasher()
        hasher.update(Array("a".utf8).span)
        hasher.update([UInt8]().span)
        hasher.update(Array("bc".utf8).span)
        #expect(hasher.digest.hexadecimal == Self.abc)
        #expect(hasher.digest.hexadecimal == Self.abc, "asking changes nothing")
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
