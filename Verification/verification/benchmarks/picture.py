# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Draws what `bench --json` wrote, as SVG: for every row ours, the cheapest nginx, Go and the floor, as multiples of that nginx.

Prints them as a table in Markdown, too, for docs/performance.md.

Usage: Scripts/verify bench-picture JSON SVG. Exit code: 0; 64 for wrong arguments; 66 if there is no such file.
"""

import json
import sys
from html import escape
from pathlib import Path

from verification.benchmarks import report
from verification.benchmarks.contestants import GO, OURS
from verification.benchmarks.document import row_of
from verification.benchmarks.row import Row

WIDTH, LEFT, UNIT, MOST = 860, 190, 170, 3.0  # the length of the nginx's bar, and the most of it that fits
TOP, BAR, GAP, BETWEEN = 64, 9, 2, 12
DESCRIPTION = "CPU time of the server for each request, as bars, for ours, the cheapest nginx, Go and a bare loop in C"
CAPTION = "CPU time of the server for a request, in µs, beside the cheapest tuned nginx; each: a connection each"
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1f2328 } .figure { font-size: 10px }
.line { stroke: #59636e; stroke-dasharray: 3 3 }
.ours { fill: #d9480f } .nginx { fill: #2b8a3e } .go { fill: #1971c2 } .floor { fill: #868e96 }
@media (prefers-color-scheme: dark) {
 text { fill: #e6edf3 } .line { stroke: #9198a1 } .ours { fill: #ff922b } .nginx { fill: #51cf66 } .go { fill: #4dabf7 }
}
"""


def drawn(document: dict) -> str:
    """The rows of CPU time."""
    rows = [row for row in map(row_of, document["rows"]) if row.unit == "µs" and row.cheapest("nginx")]
    parts, top = [], TOP
    for row in rows:
        lines = _bars(row)
        middle = top + len(lines) * (BAR + GAP) / 2 + 3
        parts.append(f'<text x="{LEFT - 10}" y="{middle:.0f}" text-anchor="end">{escape(row.title)}</text>')
        for kind, share, label in lines:
            parts += _bar(kind, share, label, top)
            top += BAR + GAP
        top += BETWEEN
    one = LEFT + UNIT
    parts.append(f'<line class="line" x1="{one}" x2="{one}" y1="{TOP - 6}" y2="{top - BETWEEN}"/>')
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top}" viewBox="0 0 {WIDTH} {top}" role="img">',
        f"<title>{DESCRIPTION}</title><style>{STYLE}</style>",
        f'<text x="10" y="20">{CAPTION}</text>',
        *_key(),
    ]
    return "\n".join([*head, *parts, "</svg>"]) + "\n"


def _bars(row: Row) -> list[tuple[str, float, str]]:
    """Kind, share of the cheapest nginx and label."""
    names = {"ours": OURS, "nginx": row.cheapest("nginx"), "go": GO, "floor": row.cheapest("floor")}
    values = {kind: row.median(name) for kind, name in names.items() if name}
    return [(kind, value / values["nginx"], _figure(value)) for kind, value in values.items() if value]


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _bar(kind: str, share: float, label: str, top: float) -> list[str]:
    width = UNIT * min(share, MOST)
    label += f" ({share:.1f} ×)" if share > MOST else ""
    return [
        f'<rect class="{kind}" x="{LEFT}" y="{top}" width="{width:.1f}" height="{BAR}"/>',
        f'<text class="figure" x="{LEFT + width + 4:.1f}" y="{top + BAR}">{label}</text>',
    ]


def _key() -> list[str]:
    names = {"ours": "ours", "nginx": "nginx", "go": "Go net/http", "floor": "floor: a bare loop in C"}
    parts = []
    for number, (kind, name) in enumerate(names.items()):
        at = LEFT + number * 110
        parts.append(f'<rect class="{kind}" x="{at}" y="32" width="12" height="12"/><text x="{at + 18}" y="43">{name}</text>')
    return parts


def main() -> None:
    if len(sys.argv) != 3:
        print("usage: Scripts/verify bench-picture JSON SVG", file=sys.stderr)
        raise SystemExit(64)
    try:
        document = json.loads(Path(sys.argv[1]).read_text())
    except (OSError, ValueError) as error:
        print(f"bench-picture: {sys.argv[1]}: {error}; it is what bench --json wrote", file=sys.stderr)
        raise SystemExit(66) from None
    Path(sys.argv[2]).write_text(drawn(document))
    print(report.page_table(list(map(row_of, document["rows"])), document["versions"]))


if __name__ == "__main__":
    main()
