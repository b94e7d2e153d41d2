// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What a table is sorted by: nothing comes first, then numbers, then texts.
enum SortKey: Hashable, Comparable {
    case nothing
    case number(Int64)
    case text(String)

    /// A number, or nothing.
    init(_ number: Int64?) { self = number.map(SortKey.number) ?? .nothing }

    /// A number, or nothing.
    init(_ number: Int?) { self.init(number.map(Int64.init)) }

    /// A text without regard to case, or nothing.
    init(_ text: String?) { self = text.map { .text($0.lowercased()) } ?? .nothing }
}

/// A table of rows that a URL's query sorts, filters and pages: `sort`, `order`, `q`, one parameter for each filter, `from`.
///
/// All of that are links and a form, so it works without a script.
struct Table<Row> {
    /// A column.
    struct Column {
        /// What stands above it.
        let title: String
        /// What `sort` calls it; nil if it is not to be sorted by.
        let name: String?
        /// Whether it has numbers, which stand at the right.
        let isNumeric: Bool
        /// What rows are sorted by.
        let key: (Row) -> SortKey
        /// What stands in it.
        let cell: (Row) -> HTML

        /// A column that can be sorted by.
        init(
            _ title: String,
            _ name: String,
            isNumeric: Bool = false,
            by key: @escaping (Row) -> SortKey,
            cell: @escaping (Row) -> HTML
        ) {
            (self.title, self.name, self.isNumeric, self.key, self.cell) = (title, name, isNumeric, key, cell)
        }

        /// A column that cannot.
        init(_ title: String, isNumeric: Bool = false, cell: @escaping (Row) -> HTML) {
            (self.title, name, self.isNumeric, key, self.cell) = (title, nil, isNumeric, { _ in .nothing }, cell)
        }
    }

    /// A choice of rows by one of few words.
    struct Filter {
        /// Its parameter.
        let name: String
        /// What stands before it.
        let title: String
        /// The words, in the order in which they are offered.
        let choices: [String]
        /// Whether a row has a word.
        let matches: (Row, String) -> Bool
    }

    /// What it is a table of.
    let caption: String
    /// Its id on the page.
    let id: String
    let columns: [Column]
    var filters: [Filter] = []
    /// Whether a row has a text that is looked for, in lowercase; nil if nobody looks for any.
    var contains: ((Row, String) -> Bool)?
    /// Whether it has pages; a second table beside it on the same view has not, as a URL names one row to begin with.
    var hasPages = true
    /// What is said where there are no rows at all.
    let empty: HTML

    /// The most rows on a page: more would be a large document, and nobody reads them.
    private static var pageLength: Int { 40 }
    /// How many bytes they have at most, if they are more than one.
    private static var pageSize: Int { 40_000 }
    /// How many rows are seen at a glance, so that nobody has to look for one.
    private static var fewRows: Int { 3 }

    /// The table, with its form and its pages.
    func html(_ rows: [Row], _ query: PageQuery) -> HTML {
        guard !rows.isEmpty else { return "<p id=\"\(id)\" class=\"empty\">\(empty)</p>" }
        let chosen = sorted(filtered(rows, query), query)
        let first = hasPages ? min(query.number("from") ?? 1, max(chosen.count, 1)) - 1 : 0
        let shown = hasPages ? markup(of: chosen[first...]) : chosen.map(markup)
        let isFiltered = query["q"] != nil || filters.contains { query[$0.name] != nil }
        let hasForm = (contains != nil || !filters.isEmpty) && (rows.count > Self.fewRows || isFiltered)
        let isPaged = first > 0 || shown.count < chosen.count
        return """
            \(hasForm ? form(query, chosen.count, of: rows.count) : nil)
            <div class="scroll" role="region" tabindex="0" aria-label="\(caption)">
            <table id="\(id)"><caption class="unseen">\(caption)</caption>
            <thead><tr>\(columns.map { head($0, query) })</tr></thead>
            <tbody>\(shown)</tbody>
            </table></div>
            \(isPaged ? pager(query, first, shown.count, of: chosen.count) : nil)
            """
    }

    /// The first rows of those that are left, as many as there is room for: at least one.
    private func markup(of rows: ArraySlice<Row>) -> [HTML] {
        var (shown, length): ([HTML], Int) = ([], 0)
        for row in rows.prefix(Self.pageLength) {
            let markup = markup(of: row)
            length += markup.markup.utf8.count
            if !shown.isEmpty, length > Self.pageSize { break }
            shown.append(markup)
        }
        return shown
    }

    private func markup(of row: Row) -> HTML { "<tr>\(columns.indices.map { cell($0, row) })</tr>\n" }

    private func filtered(_ rows: [Row], _ query: PageQuery) -> [Row] {
        var rows = rows
        for filter in filters {
            guard let word = query[filter.name] else { continue }
            rows = rows.filter { filter.matches($0, word) }
        }
        guard let contains, let text = query["q"]?.lowercased() else { return rows }
        return rows.filter { contains($0, text) }
    }

    private func sorted(_ rows: [Row], _ query: PageQuery) -> [Row] {
        guard let name = query["sort"], let column = columns.first(where: { $0.name == name }) else { return rows }
        let keys = rows.map(column.key)
        let isDescending = query["order"] == "desc"
        // Equal ones stay in the order in which they came.
        return rows.indices.sorted { first, second in
            guard keys[first] != keys[second] else { return first < second }
            return (keys[first] < keys[second]) != isDescending
        }
        .map { rows[$0] }
    }

    private func head(_ column: Column, _ query: PageQuery) -> HTML {
        let side: HTML = column.isNumeric ? " class=\"number\"" : ""
        guard let name = column.name else { return "<th scope=\"col\"\(side)>\(column.title)</th>" }
        let isSorted = query["sort"] == name
        let isDescending = query["order"] == "desc"
        let link = query.link(
            ["sort": name, "order": isSorted && !isDescending ? "desc" : nil, "from": nil],
            fragment: id
        )
        let order: HTML =
            isSorted ? " aria-sort=\"\(isDescending ? "descending" : "ascending")\"" : ""
        return "<th scope=\"col\"\(side)\(order)><a href=\"\(link)\">\(column.title)</a></th>"
    }

    private func cell(_ index: Int, _ row: Row) -> HTML {
        let column = columns[index]
        // The first cell says what the row is about.
        if index == 0 { return "<th scope=\"row\">\(column.cell(row))</th>" }
        let side: HTML = column.isNumeric ? " class=\"number\"" : ""
        return "<td\(side)>\(column.cell(row))</td>"
    }

    private func form(_ query: PageQuery, _ count: Int, of all: Int) -> HTML {
        let hidden: [HTML] = ["sort", "order", "refresh", "format"].compactMap { name in
            query[name].map { "<input type=\"hidden\" name=\"\(name)\" value=\"\($0)\">" }
        }
        let choices = filters.map { filter -> HTML in
            let options = filter.choices.map { word -> HTML in
                let selected: HTML = query[filter.name] == word ? " selected" : ""
                return "<option\(selected)>\(word)</option>"
            }
            return """
                <label>\(filter.title) <select name="\(filter.name)"><option value="">all</option>\(options)</select></label>
                """
        }
        let search: HTML? =
            contains == nil
            ? nil
            : "<label>Find <input type=\"search\" name=\"q\" value=\"\(query["q"] ?? "")\" maxlength=\"200\"></label>"
        let isFiltered = count != all
        let shown = isFiltered ? "\(count) of \(all)" : "\(all)"
        let reset: HTML? = isFiltered ? "<a href=\"\(query.path)\">Show all</a>" : nil
        return """
            <form class="filter" action="\(query.path)#\(id)" role="search" aria-label="\(caption)">\(hidden)\(search)\(choices)
            <button>Apply</button> <span>\(shown)</span> \(reset)</form>
            """
    }

    private func pager(_ query: PageQuery, _ first: Int, _ count: Int, of all: Int) -> HTML {
        func link(_ row: Int, _ words: String) -> HTML {
            "<a href=\"\(query.link(["from": row == 0 ? nil : "\(row + 1)"], fragment: id))\">\(words)</a>"
        }
        let previous: HTML? = first > 0 ? link(max(first - Self.pageLength, 0), "Previous") : nil
        let next: HTML? = first + count < all ? link(first + count, "Next") : nil
        return """
            <nav class="pager" aria-label="Rows of: \(caption)">\(previous) \
            <span>\(first + 1) to \(first + count) of \(all)</span> \(next)</nav>
            """
    }
}
