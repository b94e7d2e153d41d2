// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import HTTPSemantics
import HTTPService
import Testing

@testable import Tracing

@Suite("A tracer")
struct TracerTests {
    private let tracer = Tracer(now: { 0 })
    private let port = TracedPort(isSecure: false, number: 0)

    @Test("holds no more than 2048 spans, and counts the others, when nobody takes them")
    func bounds() {
        let recorders = (0..<4).map { _ in tracer.recorder(of: port) }
        for number in 0..<10_000 { recorders[number % 4].exchangeEnded(.example()) }
        tracer.settle()
        #expect(tracer.waitingCount == 2048)
        #expect(tracer.isFull)
        #expect(tracer.count(.dropped) == 10_000 - 2048)
    }

    @Test("holds few of a thread's spans back, and none when it is asked for all")
    func recorders() {
        let recorder = tracer.recorder(of: port)
        for _ in 0..<100 { recorder.exchangeEnded(.example()) }
        #expect(tracer.waitingCount > 100 - SpanRecorder.mostPending)
        tracer.settle()
        #expect(tracer.waitingCount == 100)
    }

    @Test("gives those first that have waited longest, 512 at a time")
    func batches() {
        let recorder = tracer.recorder(of: port)
        for number in 0..<1030 { recorder.exchangeEnded(.example(path: "/\(number).wasm")) }
        tracer.settle()
        #expect(tracer.hasBatch)
        let batches = (0..<4).map { _ in tracer.next().map(\.request.path) }
        #expect(batches.map(\.count) == [512, 512, 6, 0])
        #expect(batches.joined().elementsEqual((0..<1030).map { "/\($0).wasm" }))
        #expect(!tracer.hasBatch)
    }

    @Test("keeps no content alive that is no longer served")
    func memory() {
        let recorder = tracer.recorder(of: port)
        weak var response: Response?
        do {
            let exchange = Exchange.example()
            response = exchange.response
            recorder.exchangeEnded(exchange)
        }
        tracer.settle()
        #expect(tracer.waitingCount == 1)
        #expect(response == nil)
    }
}
