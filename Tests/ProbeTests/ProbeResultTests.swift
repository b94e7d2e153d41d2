// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import ServerClient
import Testing

@testable import Probe

@Suite("Results of a probe")
struct ProbeResultTests {
    @Test("spell out what a terminal would obey")
    func controls() {
        let result = ProbeResult(.ok, "a\u{1b}[2J", "b\nc", "d\u{202e}e")
        #expect(result.subject == #"a\u{1B}[2J"#)
        #expect(result.detail == #"b\nc"#)
        #expect(result.remedy == .words(#"d\u{202E}e"#))
    }
}
