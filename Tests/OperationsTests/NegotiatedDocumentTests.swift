// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Dispatch
import HTTPSemantics
import HTTPService
import TestSupport
import Testing

@testable import Operations

@Suite("What is told to programs and to people")
struct NegotiatedDocumentTests {
    private static func document(_ renderer: ViewRenderer = ViewRenderer()) -> NegotiatedDocument {
        NegotiatedDocument(
            json: LiveView(by: renderer) { _ in .init(.ok, "application/json", Array("{}".utf8)) },
            page: LiveView(by: renderer) { request in
                .init(.ok, "text/html", Array("<p>\(request.query ?? "")".utf8))
            }
        )
    }

    private static func request(accept: String?, query: String? = nil) -> Request {
        var fields = RequestFields()
        if let accept {
            fields.add(name: "accept", value: accept, reading: FieldSelection(own: [], hasNegotiation: true))
        }
        return Request(method: .get, path: "/fleet", query: query, fields: fields)
    }

    // What Chromium 130, Firefox 132 and Safari 18 send when someone opens a URL; curl; Prometheus; nothing.
    @Test(
        "is a page for who asks for one, and JSON for everyone else",
        arguments: [
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
                "text/html"
            ),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
            ("*/*", "application/json"), (nil, "application/json"), ("application/json", "application/json"),
            ("application/json, text/html;q=0.5", "application/json"), ("text/*", "text/html"),
            ("image/png", "application/json"), ("text/html;charset=utf-8", "text/html"),
        ] as [(String?, String)]
    )
    func accept(field: String?, mediaType: String) async {
        let response = await Self.document().answer(to: Self.request(accept: field)).value
        #expect(response.head["content-type"] == mediaType)
    }

    @Test("is what the query names, whatever the client prefers")
    func format() async {
        let page = await Self.document().answer(to: Self.request(accept: "*/*", query: "a=b&format=html")).value
        #expect(page.head["content-type"] == "text/html")
        #expect(page.text == "<p>a=b&format=html", "it is rendered for this request")
        let json = await Self.document().answer(to: Self.request(accept: "text/html", query: "format=json")).value
        #expect(json.head["content-type"] == "application/json")
    }

    @Test("is refused to those for whom there is no room to wait, and to nobody later")
    func waiting() async {
        let renderer = ViewRenderer()
        let gate = DispatchSemaphore(value: 0)
        let slow = LiveView(by: renderer) { _ in
            gate.wait()
            gate.signal()
            return .init(.ok, "text/html", [])
        }
        let answers = (0..<100).map { _ in slow.answer(to: Self.request(accept: nil)) }
        gate.signal()
        var statuses: [Status: Int] = [:]
        for answer in answers { statuses[await answer.value.head.status, default: 0] += 1 }
        #expect(statuses == [.ok: 64, .serviceUnavailable: 36])
        #expect(await slow.answer(to: Self.request(accept: nil)).value.head.status == .ok)
    }

    @Test("is refused while what others do not take fills the room for it")
    func memory() async {
        let renderer = ViewRenderer()
        let large = LiveView(by: renderer) { _ in .init(.ok, "text/html", [UInt8](repeating: 32, count: 9 << 20)) }
        var held: [Response] = []
        for _ in 1...3 { held.append(await large.answer(to: Self.request(accept: nil)).value) }
        #expect(held.map(\.head.status) == [.ok, .ok, .serviceUnavailable])
        #expect(held.last?.head["retry-after"] == "1")
        held = []
        #expect(await large.answer(to: Self.request(accept: nil)).value.head.status == .ok)
    }
}

extension DeferredResponse {
    /// The answer, once it is there.
    fileprivate var value: Response {
        get async {
            await withCheckedContinuation { continuation in whenDelivered { continuation.resume(returning: $0) } }
        }
    }
}

extension Response {
    fileprivate var text: String {
        guard case .bytes(let bytes) = body else { return "" }
        return String(decoding: bytes.array, as: UTF8.self)
    }
}
