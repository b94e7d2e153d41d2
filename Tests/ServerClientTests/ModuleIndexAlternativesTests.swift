// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import ServerInterface
import Testing

@testable import ServerClient

@Suite("A list of modules")
struct ModuleIndexTests {
    @Test("is named without what a terminal would obey, whoever wrote it")
    func escapes() throws {
        let listing = try Self.listing(["/\\u001b[2J.wasm", "/\\u202eb.wasm"])
        #expect(ModuleIndex.names(of: listing.current) == #"/\u{1B}[2J.wasm, /\u{202E}b.wasm"#)
        let alternatives = listing.alternatives(to: "[2J") { [$0.path ?? ""] }
        #expect(alternatives == #"the nearest is /\u{1B}[2J.wasm"#)
    }

    @Test("is named by what is nearest, be it one or several")
    func nearest() throws {
        let listing = try Self.listing(["/plugin.wasm", "/plugins.wasm"])
        let alternatives = listing.alternatives(to: "/plugni.wasm") { [$0.path ?? ""] }
        #expect(alternatives == "the nearest are /plugin.wasm, /plugins.wasm")
    }

    @Test("is named as far as a message has room")
    func many() throws {
        let listing = try Self.listing((1...23).map { "/\($0).wasm" })
        #expect(ModuleIndex.names(of: listing.current).hasSuffix(", /20.wasm and 3 more"))
        #expect(try Self.listing([]).alternatives(to: "a") { _ in [] } == "it serves none; check its log")
    }

    private static func listing(_ paths: [String]) throws -> ModuleIndex {
        let modules = paths.map { #"{"verdict": "admitted", "path": "\#($0)"}"# }.joined(separator: ", ")
        return try #require(ModuleIndex(Array("{\"modules\": [\(modules)]}".utf8)))
    }
}
