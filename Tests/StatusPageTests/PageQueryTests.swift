// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import StatusPage

@Suite("A page's query")
struct PageQueryTests {
    @Test("is read as forms send it")
    func forms() {
        let query = PageQuery(path: "/fleet", query: "q=a+b%26c%C3%A9&state=&page=2&page=3&=x&flag")
        #expect(query["q"] == "a b&c\u{e9}")
        #expect(query["state"] == nil, "it is empty")
        #expect(query.number("page") == 2, "the first counts")
        #expect(query["flag"] == nil)
    }

    @Test(
        "takes what is malformed for what it says, and never for more",
        arguments: [
            ("q=%", "%"), ("q=%4", "%4"), ("q=%zz", "%zz"), ("q=%FF", "\u{fffd}"), ("q=a=b", "a=b"),
            ("q=a%00%0d%0ab", "ab"),
        ]
    )
    func malformed(query: String, value: String) {
        #expect(PageQuery(path: "/", query: query)["q"] == value)
    }

    @Test("has no page less than the first", arguments: ["0", "-1", "x", "99999999999999999999", "+"])
    func pages(page: String) {
        #expect(PageQuery(path: "/", query: "page=\(page)").number("page") == nil)
    }

    @Test("is looked at up to a limit, however long it is")
    func limits() throws {
        let long = PageQuery(path: "/", query: "q=" + String(repeating: "a", count: 10_000))
        #expect(try #require(long["q"]).utf8.count == 1024)
        let many = PageQuery(path: "/", query: (1...1000).map { "p\($0)=x" }.joined(separator: "&"))
        #expect(many["p16"] == "x")
        #expect(many["p17"] == nil)
    }

    @Test("leads to the same view, shown in another way")
    func links() {
        let query = PageQuery(path: "/fleet", query: "q=a%26b&sort=last&page=3")
        #expect(query.link(["page": nil, "order": "desc"]) == "/fleet?q=a%26b&sort=last&order=desc")
        #expect(
            query.link(["sort": "state", "page": nil, "q": nil], fragment: "clients") == "/fleet?sort=state#clients"
        )
        #expect(PageQuery(path: "/fleet", query: "q=%22%3E%3Cscript%3E").link([:]) == "/fleet?q=%22%3E%3Cscript%3E")
    }
}
