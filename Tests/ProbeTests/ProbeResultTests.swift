// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import Probe

@Suite("Results of a probe")
struct ProbeResultTests {
    @Test("are one line, with what to do")
    func line() {
        let result = ProbeResult(.failed, "192.0.2.1:1 /a.wasm", "is answered with 404", "look at the log")
        #expect("\(result)" == "FAILED  192.0.2.1:1 /a.wasm: is answered with 404; look at the log")
    }

    @Test("spell out what a terminal would obey")
    func controls() {
        let result = ProbeResult(.ok, "a\u{1b}[2J", "b\nc", "d\u{202e}e")
        #expect("\(result)" == #"ok      a\u{1B}[2J: b\nc; d\u{202E}e"#)
    }
}
