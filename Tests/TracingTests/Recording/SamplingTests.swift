// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPService
import ServerInterface
import Testing

@testable import Tracing

@Suite("An exchange becomes a span")
struct SamplingTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let parent = "00f067aa0ba902b7"

    // OpenTelemetry's tracing SDK, "Sampling": parentbased_always_on is the default.
    @Test("of its client's trace, if the client records that")
    func sampled() throws {
        let span = try #require(Span.example(of: .example(traceparent: "00-\(Self.trace)-\(Self.parent)-01")))
        #expect(span.trace.description == Self.trace)
        #expect(span.parent?.description == Self.parent)
        #expect(span.id != span.parent)
        // `trace.proto`, `SpanFlags`: the flags of W3C; bit 8: it is known whether the parent is remote; bit 9: it is.
        #expect(span.flags == 0x301)
    }

    @Test("not, if its client does not record its trace")
    func unsampled() {
        #expect(Span.example(of: .example(traceparent: "00-\(Self.trace)-\(Self.parent)-00")) == nil)
        #expect(Span.example(of: .example(traceparent: "00-\(Self.trace)-\(Self.parent)-02")) == nil)
    }

    @Test(
        "of a trace of its own, if its client names none that is one",
        arguments: [nil, "", "00-\(trace)-\(parent)", "ff-\(trace)-\(parent)-00", "\u{0}\u{fffd}\"}],", "00-\(trace)"]
    )
    func root(_ traceparent: String?) throws {
        let fields = traceparent.map { [("traceparent", $0)] } ?? []
        let exchange = Exchange.example(fields: fields)
        let (one, other) = (try #require(Span.example(of: exchange)), try #require(Span.example(of: exchange)))
        #expect(one.parent == nil)
        #expect(one.flags == 0x101)
        #expect(one.trace != other.trace && one.id != other.id)
    }

    @Test("if it is about a module or its digest, whether the client got it or not")
    func aboutModules() {
        let about: [Exchange] = [
            .example(), .example(.ok, RequestedResource.example.asDigest), .example(.notModified),
            .example(.partialContent),
            .example(.notFound, .missing(.name), path: "/no.wasm"), .example(.serviceUnavailable),
            .example(.notFound, .missing(.digest)), .example(.forbidden, nil, path: "/plugin.wasm"),
            .example(.forbidden, nil, path: "/plugin.wasm.sha256"), .example(isComplete: false),
            .example(method: .head),
            .example(fields: [(PeerField.name, "1")]),
        ]
        for exchange in about { #expect(Span.example(of: exchange) != nil) }
        let others: [Exchange] = [
            .example(.ok, nil, path: "/health"), .example(.ok, nil, path: "/modules"),
            .example(.ok, nil, path: "/modules/plugin.wasm/envoy.yaml"), .example(.notFound, nil, path: "/favicon.ico"),
            .example(.forbidden, nil, path: "/modules"),
        ]
        for exchange in others { #expect(Span.example(of: exchange) == nil) }
    }
}
