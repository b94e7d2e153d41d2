// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import ServerInterface
import TestSupport
import Testing

@Suite("The index of modules")
struct ModuleIndexTests {
    @Test("has what the fixture says, member by member")
    func members() throws {
        let index = try #require(ModuleIndex(try Fixture.modules.bytes()))
        #expect(index.instance == "7f9c0d3e")
        #expect(index.gateways == ["envoy", "istio", "kuadrant"])
        #expect(index.rejectedCount == 3000)
        let current = try #require(index.current.first)
        #expect(index.current.count == 1)
        #expect(current.path == "/ai-proxy/1.0.0/plugin.wasm")
        #expect(current.name == "ai-proxy" && current.version == "1.0.0" && current.size == 8)
        // What coreutils' sha256sum prints for the eight bytes of an empty module.
        #expect(current.sha256 == "93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476")
        #expect(current.lastFetched.flatMap(Timestamp.seconds) == 1_795_487_497)
        #expect(current.facts?.abi == "0.2.1" && current.facts?.memoryPages == 17 && current.rules == ["fetch-limit"])
        #expect(current.hosts?["envoy-1.36"]?.rules == ["unknown-import"] && current.hosts?["envoy-1.40"]?.rules == nil)
        let kept = try #require(index.kept.first)
        #expect(index.kept.count == 1)
        #expect(kept.path == nil && kept.lastUsed.flatMap(Timestamp.seconds) == 1_795_420_800)
        let rejected = try #require(index.rejected.first)
        #expect(index.rejected.count == 1)
        #expect(rejected.reason == "is empty; wait until it is written" && rejected.sha256 == nil)
    }

    @Test("is written as the fixture is, byte for byte")
    func written() throws {
        let bytes = try Fixture.modules.bytes()
        #expect(ModuleIndex(bytes)?.encoded() == bytes)
    }

    @Test(
        "is read whatever a later version adds, or an earlier one lacks",
        arguments: [
            #"{"modules":[{"verdict":"admitted","path":"/a.wasm","facts":{"abi":"0.2.1"}}],"fleet":[]}"#,
            #"{"modules":[{"verdict":"admitted","state":"current","path":"/a.wasm"},{"verdict":"suspended","state":"new"}]}"#,
        ]
    )
    func otherVersions(_ document: String) throws {
        let index = try #require(ModuleIndex(Array(document.utf8)))
        #expect(index.current.map(\.path) == ["/a.wasm"])
        #expect(index.kept.isEmpty && index.rejected.isEmpty)
    }

    @Test("is nothing else", arguments: ["", "[]", "{}", #"{"modules":{}}"#, #"{"modules":[{"path":"/a.wasm"}]}"#])
    func somethingElse(_ document: String) {
        #expect(ModuleIndex(Array(document.utf8)) == nil)
    }
}
