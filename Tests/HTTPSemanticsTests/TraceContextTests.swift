// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import Testing

@Suite("A traceparent")
struct TraceContextTests {
    // W3C Trace Context §3.2.2.5: the example of a traceparent.
    @Test("says which trace and which span a request belongs to")
    func example() throws {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let context = try #require(TraceContext(traceparent: text))
        #expect(context.trace.description == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(context.parent.description == "00f067aa0ba902b7")
        #expect(context.isSampled)
    }

    // §3.2.2.5.1: sampled is the least significant bit; whoever does not know the others must not read them.
    @Test(
        "says whether its client records the trace",
        arguments: [("00", false), ("01", true), ("fe", false), ("03", true)]
    )
    func sampling(_ flags: String, _ isSampled: Bool) {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-\(flags)"
        #expect(TraceContext(traceparent: text)?.isSampled == isSampled)
    }

    // §3.2.2 and §4.3: other versions may have more, and what is all zeros is invalid.
    @Test(
        "is one only if it is spelled as one",
        arguments: [
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
            ("00-00000000000000004bf92f3577b34da6-0000000000000001-01", true),
            ("00-4bf92f3577b34da60000000000000000-0000000000000001-01", true),
            ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", true),
            ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", false),
            ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
            ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false),
            ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e\"}\n6-00f067aa0ba902b7-01", false),
            // Two lines of the field, joined.
            (
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01, "
                    + "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false
            ),
            ("", false), ("---", false),
        ]
    )
    func validity(_ text: String, _ isOne: Bool) {
        #expect((TraceContext(traceparent: text) != nil) == isOne)
    }

    @Test("keeps the zeros that ids begin with")
    func zeros() {
        let context = TraceContext(traceparent: "00-00000000000000000000000000000001-000000000000000a-01")
        #expect(context?.trace.description == "00000000000000000000000000000001")
        #expect(context?.parent.description == "000000000000000a")
    }
}
