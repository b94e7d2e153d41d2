// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import HTTPTransport

@Suite("Spare descriptors")
struct SpareDescriptorsTests {
    @Test("are given one at a time, and taken again")
    func spend() {
        var spares = SpareDescriptors(2)
        let given = [spares.spend(), spares.spend(), spares.spend()]
        #expect(given == [true, true, false])
        spares.refill()
        let again = [spares.spend(), spares.spend(), spares.spend()]
        #expect(again == [true, true, false])
    }
}
