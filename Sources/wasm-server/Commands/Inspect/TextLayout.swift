// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Content
internal import FoundationEssentials

/// How text is laid out for whoever reads it: how wide it may be, and whether it may have more than letters.
struct TextLayout {
    /// How many characters fit into a line.
    let width: Int
    /// Whether headings stand out, and bars show shares.
    let isDecorated: Bool

    /// What a log or a file takes.
    static let plain = TextLayout(width: 120, isDecorated: false)

    private static let narrowest = 60
    private static let widest = 200

    /// What standard output takes: a terminal's width, and no decoration where its variables say that it has none.
    static var ofOutput: TextLayout {
        guard StandardStream.output.isTerminal else { return plain }
        let variables = ProcessInfo.processInfo.environment
        let columns = Int(platform_terminal_columns(StandardStream.output.rawValue))
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { variables[$0] }.first { !$0.isEmpty } ?? ""
        let hasUTF8 = locale.lowercased().contains("utf-8") || locale.lowercased().contains("utf8")
        let isPlain = variables["NO_COLOR"].map { !$0.isEmpty } ?? false || variables["TERM"] == "dumb"
        return TextLayout(
            width: columns > 0 ? min(max(columns, narrowest), widest) : plain.width,
            isDecorated: hasUTF8 && !isPlain
        )
    }

    /// A heading.
    func heading(_ text: String) -> String { isDecorated ? "\u{1b}[1m\(text.printable)\u{1b}[0m" : text.printable }

    /// A share as a bar of as many characters at most; empty where there is no decoration.
    func bar(_ share: Double, width: Int) -> String {
        guard isDecorated, share.isFinite else { return "" }
        let eighths = Int((min(max(share, 0), 1) * Double(width * 8)).rounded())
        let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
        return String(repeating: "█", count: eighths / 8) + rest
    }
}

/// Rows of cells whose columns are aligned; what others have written in them cannot steer a terminal.
struct TextTable {
    /// Where a column's cells begin or end.
    enum Alignment {
        case left
        case right
    }

    private let alignments: [Alignment]
    private var rows: [[String]] = []

    /// A table without rows.
    init(_ alignments: Alignment...) {
        self.alignments = alignments
    }

    /// Adds a row of as many cells as there are columns; later ones may be left out.
    mutating func add(_ cells: String...) {
        rows.append(cells.map(\.printable))
    }

    /// The lines, indented by two; the last cell of each is shortened if the line would be too wide.
    func lines(width: Int) -> [String] {
        let widths = alignments.indices.map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = " "
            for (column, cell) in row.enumerated() where widths[column] > 0 {
                line += line == " " ? " " : "  "
                let isLast = column == row.count - 1
                let text = isLast ? cell.shortened(to: max(width - line.count, 20)) : cell
                let padding = String(repeating: " ", count: max(widths[column] - text.count, 0))
                line += alignments[column] == .right ? padding + text : isLast ? text : text + padding
            }
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}

extension String {
    /// The text in so many characters: a name's arguments are left out first, then what is in its middle.
    func shortened(to width: Int) -> String {
        guard count > width else { return self }
        let bare = withoutArguments
        guard bare.count > width else { return bare }
        let head = (width - 1) / 3
        return "\(bare.prefix(head))…\(bare.suffix(width - 1 - head))"
    }

    /// A name without what stands in angle brackets behind an identifier: `Vec<…>::push`.
    private var withoutArguments: String {
        var (text, depth, last): (String, Int, Character) = ("", 0, " ")
        for character in self {
            let opens = character == "<" && (last.isLetter || last.isNumber || last == "_" || last == ":")
            if depth == 0 {
                text.append(character)
                if opens {
                    text += "…"
                    depth = 1
                }
            } else if character == "<" {
                depth += 1
            } else if character == ">", last != "-" {
                depth -= 1
                if depth == 0 { text.append(character) }
            }
            last = character
        }
        return depth == 0 ? text : self
    }
}
