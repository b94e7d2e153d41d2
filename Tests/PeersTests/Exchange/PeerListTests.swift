// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import ServerInterface
import TestSupport
import Testing

@testable import Peers

@Suite("A peer's list")
struct PeerListTests {
    private static let digests = (0..<4).map { Digest(of: [$0]) }

    private static func entry(_ members: String) -> String { "{\(members)}" }

    private static func document(_ modules: [String]) -> [UInt8] {
        Array(#"{"instance":"one","modules":[\#(modules.joined(separator: ","))]}"#.utf8)
    }

    @Test("is what servers and their other clients take the fixture for")
    func fixture() throws {
        let list = try PeerList(try Fixture.modules.bytes())
        let index = try #require(ModuleIndex(try Fixture.modules.bytes()))
        #expect(list.instance == index.instance && list.isComplete)
        #expect(list.entries.map(\.digest.hexadecimal) == (index.current + index.kept).map(\.sha256))
        #expect(list.entries.map(\.size) == [8, 4_299_832])
        #expect(list.entries.map(\.isCurrent) == [true, false])
        #expect(list.entries.map(\.lastUsed) == [nil, 1_795_420_800])
    }

    @Test("has what was admitted, the current ones first")
    func order() throws {
        let kept = #""verdict":"admitted","size":1,"sha256":"\#(Self.digests[0])","state":"kept","path":"/a.wasm""#
        let current = #""verdict":"admitted","size":2,"sha256":"\#(Self.digests[1])","state":"current""#
        let rejected = #""verdict":"rejected","size":3,"sha256":"\#(Self.digests[2])","path":"/b.wasm""#
        let list = try PeerList(Self.document([kept, rejected, current, current].map(Self.entry)))
        #expect(list.instance == "one")
        #expect(list.isComplete)
        #expect(
            list.entries == [
                .init(digest: Self.digests[1], size: 2, isCurrent: true, lastUsed: nil),
                .init(digest: Self.digests[0], size: 1, isCurrent: false, lastUsed: nil),
            ]
        )
    }

    @Test(
        "tells when what is kept was last used, if it is told so",
        arguments: [
            // The seconds are what `date -d … +%s` says.
            (#""2026-11-24T02:31:37Z""#, 1_795_487_497), (#""1970-01-01T00:00:00Z""#, 0),
            (#""2026-11-24T02:31:37.5Z""#, nil), (#""2026-11-24T02:31:37+01:00""#, nil),
            (#""2026-13-24T02:31:37Z""#, nil),
            (#""yesterday""#, nil), (#""99999999999999999999""#, nil), ("5", nil), ("null", nil), ("{}", nil),
        ] as [(String, Int64?)]
    )
    func age(_ lastUsed: String, _ seconds: Int64?) throws {
        let digest = Self.digests[0]
        let kept = #""verdict":"admitted","size":1,"sha256":"\#(digest)","state":"kept","lastUsed":\#(lastUsed)"#
        let list = try PeerList(Self.document([Self.entry(kept)]))
        #expect(list.entries == [.init(digest: digest, size: 1, isCurrent: false, lastUsed: seconds)])
    }

    @Test(
        "passes over what it does not know",
        arguments: [
            "null", "5", "\"a\"", "[]", "{}", "true",
            #"{"verdict":"admitted"}"#, #"{"verdict":"admitted","sha256":"00","size":1}"#,
            #"{"verdict":"admitted","sha256":"\#(digests[0])"}"#,
            #"{"verdict":"admitted","sha256":"\#(digests[0])","size":0}"#,
            #"{"verdict":"admitted","sha256":"\#(digests[0])","size":-1}"#,
            #"{"verdict":"admitted","sha256":"\#(digests[0])","size":1.5}"#,
            #"{"verdict":"admitted","sha256":"\#(digests[0])","size":"1"}"#,
            #"{"verdict":"admitted","sha256":"\#(digests[0])","size":99999999999999999999}"#,
            #"{"verdict":5,"sha256":"\#(digests[0])","size":1}"#, #"{"sha256":"\#(digests[0])","size":1}"#,
        ]
    )
    func strangers(_ element: String) throws {
        let good = #"{"verdict":"admitted","size":1,"sha256":"\#(Self.digests[3])","state":"current"}"#
        let list = try PeerList(Self.document([element, good, element]))
        #expect(list.entries.map(\.digest) == [Self.digests[3]])
        #expect(list.isComplete)
    }

    @Test(
        "is not read without an array of modules",
        arguments: [
            "", "null", "[]", "{}", "garbage", #"{"modules":{}}"#, #"{"modules":null}"#, #"{"modules":[}"#,
            #"{"modules":[]"#, String(repeating: "[", count: 100_000),
        ]
    )
    func malformed(_ text: String) {
        #expect(throws: PeerError.malformed("its /modules is not a list of modules in JSON")) {
            try PeerList(Array(text.utf8))
        }
    }

    @Test(
        "is read only from JSON, as RFC 8259 has it",
        arguments: [
            // Each value is one that the grammar lets nobody write.
            "01", "-", "1.", ".5", "1e", "1e+", "+1", "0x1", "tru", "truee", "nul", "'a'", #""\x""#, #""\u12g4""#,
            "\"\n\"", "[1,]",
            "{,}", #"{"a"}"#, #"{"a":1,}"#, #"{a:1}"#, "[1 2]", "[}", "{]", "1,", "]", "NaN", #""a"#,
        ]
    )
    func grammar(_ value: String) {
        #expect(throws: PeerError.self) { try PeerList(Array(#"{"other":\#(value),"modules":[]}"#.utf8)) }
        #expect(throws: PeerError.self) { try PeerList(Array(#"{"modules":[\#(value)]}"#.utf8)) }
    }

    @Test(
        "is read beside whatever else JSON has, as RFC 8259 has it",
        arguments: [
            "0", "-0", "-1.50e-07", "1E400", "true", "false", "null", #""""#, #""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#,
            "[]", "{}",
            "[ 1 , [ ] ]", #"{"modules":[{"a":{}}]}"#, " \t\r\n1 ", #"{"":{"size":[1]}}"#,
            String(repeating: "[", count: 29) + String(repeating: "]", count: 29),
            "\"\(String(repeating: "a", count: 1000))\"",
        ]
    )
    func neighbours(_ value: String) throws {
        let good = #"{"verdict":"admitted","size":1,"sha256":"\#(Self.digests[3])","state":"current","x":\#(value)}"#
        let text = #"{"other":\#(value),"instance":"\u006fne","modules":[\#(value),\#(good)],"more":\#(value)} "#
        let list = try PeerList(Array(text.utf8))
        #expect(list.instance == "one")
        #expect(list.entries.map(\.digest) == [Self.digests[3]])
    }

    @Test("is the same in whatever pieces it comes")
    func pieces() throws {
        let kept = #""verdict":"admitted","size":123,"sha256":"\#(Self.digests[0])","state":"kept","lastUsed":"\u0032""#
        let document = Self.document([Self.entry(kept), "[1.5e3,true]", Self.entry(kept)])
        let list = try PeerList(document)
        #expect(list.entries.count == 1)
        for size in 1..<document.count {
            var reader = PeerListReader()
            for start in stride(from: 0, to: document.count, by: size) {
                let piece = Array(document[start..<min(start + size, document.count)])
                try reader.read(piece.span)
            }
            #expect(try reader.list() == list)
        }
    }

    @Test("is read no further than there are elements to look at")
    func brackets() throws {
        let document = Self.document(Array(repeating: "[]", count: 20_000))
        var reader = PeerListReader()
        try reader.read(document.span)
        #expect(reader.isFull)
        #expect(try !reader.list().isComplete)
    }

    @Test("needs no instance, which older servers do not tell", arguments: ["", #""instance":5,"#])
    func anonymous(_ instance: String) throws {
        let list = try PeerList(Array(#"{\#(instance)"modules":[]}"#.utf8))
        #expect(list.instance == nil)
        #expect(list.isComplete)
    }

    @Test("is cut at 8192 digests, and known to be")
    func long() throws {
        let entries = (0...PeerList.maximumCount).map { number in
            let digest = Digest(of: Array("\(number)".utf8))
            return #"{"verdict":"admitted","size":1,"sha256":"\#(digest)"}"#
        }
        let list = try PeerList(Self.document(entries))
        #expect(list.entries.count == 8192)
        #expect(!list.isComplete)
        #expect(try PeerList(Self.document(entries.dropLast())).isComplete)
        #expect(try !PeerList(Self.document(Array(repeating: "0", count: 20_000))).isComplete)
    }
}
