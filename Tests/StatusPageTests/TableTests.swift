// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import StatusPage

@Suite("A table")
struct TableTests {
    private struct Row {
        let name: String
        let size: Int?
    }

    private static var table: Table<Row> {
        Table(
            caption: "Things",
            id: "things",
            columns: [
                .init("Name", "name", by: { SortKey($0.name) }) { "\($0.name)" },
                .init("Size", "size", isNumeric: true, by: { SortKey($0.size) }) { row in
                    row.size.map { "\($0)" } ?? ""
                },
            ],
            filters: [.init(name: "kind", title: "Kind", choices: ["small"]) { row, _ in (row.size ?? 0) < 10 }],
            contains: { $0.name.lowercased().contains($1) },
            empty: "There are none."
        )
    }

    private static let rows = [
        Row(name: "b", size: 10), Row(name: "A", size: 9), Row(name: "c", size: nil), Row(name: "d", size: 100),
    ]

    /// The names that are shown, in order.
    private func names(_ query: String?, of rows: [Row] = rows) -> [String] {
        Self.table.html(rows, PageQuery(path: "/x", query: query)).markup
            .matches(of: /<th scope="row">(.*?)<\/th>/).map { String($0.1) }
    }

    @Test("shows its rows as they come, unless a column that it has is named")
    func order() {
        #expect(names(nil) == ["b", "A", "c", "d"])
        #expect(names("sort=nothing") == ["b", "A", "c", "d"])
        #expect(names("sort=name") == ["A", "b", "c", "d"], "without regard to case")
        #expect(names("sort=size") == ["c", "A", "b", "d"], "as numbers, and those without first")
        #expect(names("sort=size&order=desc") == ["d", "b", "A", "c"])
    }

    @Test("tells by which column it is sorted, and leads to the other order")
    func head() {
        let markup = Self.table.html(Self.rows, PageQuery(path: "/x", query: "sort=size&q=a")).markup
        #expect(markup.contains(#"aria-sort="ascending"><a href="/x?q=a&amp;sort=size&amp;order=desc#things">"#))
        let other = Self.table.html(Self.rows, PageQuery(path: "/x", query: "sort=size&order=desc")).markup
        #expect(other.contains(#"aria-sort="descending"><a href="/x?sort=size#things">"#))
    }

    @Test("has only the rows that are looked for, and says of how many")
    func filters() {
        #expect(names("q=A") == ["A"])
        #expect(names("kind=small") == ["A", "c"])
        #expect(names("kind=small&q=c") == ["c"])
        #expect(names("q=nobody").isEmpty)
        let markup = Self.table.html(Self.rows, PageQuery(path: "/x", query: "q=nobody")).markup
        #expect(markup.contains("0 of 4"))
    }

    @Test("has forty rows on a page, and begins with the row that is named")
    func pages() {
        let rows = (1...120).map { (number: Int) in Row(name: "\(number)", size: number) }
        #expect(names(nil, of: rows) == (1...40).map(String.init))
        #expect(names("from=41", of: rows) == (41...80).map(String.init))
        #expect(names("from=100", of: rows) == (100...120).map(String.init))
        #expect(names("from=9999", of: rows) == ["120"])
        #expect(names("from=0", of: rows) == (1...40).map(String.init))
        let markup = Self.table.html(rows, PageQuery(path: "/x", query: "from=41&sort=size")).markup
        #expect(markup.contains("41 to 80 of 120"))
        #expect(markup.contains(#"<a href="/x?sort=size&amp;from=81#things">Next</a>"#))
        #expect(markup.contains(#"<a href="/x?sort=size#things">Previous</a>"#))
    }

    @Test("has fewer rows on a page where they are long, and leads to the next")
    func longRows() {
        let rows = (1...100).map { (number: Int) in
            Row(name: "\(number)-\(String(repeating: "x", count: 3000))", size: number)
        }
        let query = PageQuery(path: "/x", query: nil)
        let markup = Self.table.html(rows, query).markup
        #expect(markup.utf8.count < 45_000)
        #expect(markup.contains("from=\(names(nil, of: rows).count + 1)#things"))
    }

    @Test("says so where it has none")
    func empty() {
        #expect(Self.table.html([], PageQuery(path: "/x", query: nil)).markup.contains("There are none."))
    }
}
