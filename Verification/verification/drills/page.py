# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The tables of a view of the status page, as a person reads them."""

from html.parser import HTMLParser

SMALL_PRINT = {"small"}


class _Tables(HTMLParser):
    """Takes down the rows of a table's body: the text of each cell, without its small print."""

    def __init__(self, table: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._table, self._open = table, []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        is_begin = tag == "table" and dict(attributes).get("id") == self._table
        if is_begin or self._open:
            self._open.append(tag)
        if "tbody" in self._open:
            if tag == "tr":
                self.rows.append([])
            elif tag in ("td", "th"):
                self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, text: str) -> None:
        if "tbody" in self._open and self.rows and self.rows[-1] and not SMALL_PRINT & set(self._open):
            self.rows[-1][-1] += text


def rows(document: str, table: str) -> list[list[str]]:
    """The cells of a table's rows, by its id."""
    reader = _Tables(table)
    reader.feed(document)
    return [[" ".join(cell.split()) for cell in row] for row in reader.rows]
