// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Testing

@Suite("The versions of a document")
struct DocumentVersionsTests {
    @Test("have room for another until those that are held take too much, and again when one is let go of")
    func room() {
        let versions = DocumentVersions(limit: 250)
        var held: [SharedBytes] = []
        for _ in 0..<3 {
            #expect(versions.haveRoom)
            held.append(versions.next([UInt8](repeating: 1, count: 100)))
        }
        #expect(!versions.haveRoom)
        // Who sends a part of one holds it, too.
        held[0] = held[0].part(0..<1)
        #expect(!versions.haveRoom)
        held.removeFirst()
        #expect(versions.haveRoom)
    }

    @Test("always have room for one beside the present one")
    func large() {
        let versions = DocumentVersions(limit: 250)
        let present = versions.next([UInt8](repeating: 1, count: 1000))
        #expect(versions.haveRoom)
        let next = versions.next([UInt8](repeating: 1, count: 1000))
        #expect(!versions.haveRoom)
        withExtendedLifetime((present, next)) {}
    }
}
