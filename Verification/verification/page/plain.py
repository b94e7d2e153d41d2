# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Whether a view needs no scripts: what is there is to be seen, and links, sorting, filters and pages work."""

import html
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from urllib.parse import urljoin, urlsplit

from verification.page.browser import Browser, Tab
from verification.page.states import GATEWAY, LATECOMER, STRANDED, State
from verification.programs import VerificationError
from verification.report import SEPARATOR, Report

LINK, ANCHOR = re.compile(rb'<a\b[^>]*? href="([^"]*)"'), re.compile(rb' id="([^"]*)"')
MOST_PAGES = 20
SORTED = (("healthy", "/"), ("healthy", "/settings"), ("behind", "/fleet"), ("crowded", "/"), ("visited", "/fleet"))


def check(browser: Browser, states: dict[str, State], report: Report) -> None:
    with browser.tab(java_script_enabled=False) as tab, browser.tab() as parser:
        unseen = (
            f"{state.name} {view}: {text}"
            for state in states.values()
            for view in state.views
            for text in _unseen(state, view, tab)
        )
        report.check_none("without scripts all text is to be seen", unseen, SEPARATOR)
        report.check_none("every link leads to something", chain.from_iterable(map(_dead_links, states.values())), SEPARATOR)
        sorts = (each for name, view in SORTED for each in _unsorted(states[name], view, parser))
        report.check_none("every column that can be sorted sorts both ways, without scripts", sorts, SEPARATOR)
        _check_filters(states, tab, parser, report)


def _unseen(state: State, view: str, tab: Tab) -> list[str]:
    tab.open(state.url(view))
    return tab.ask("unseenTexts")


def _dead_links(state: State) -> Iterator[str]:
    """Links of all views that do not lead to a view of the same server, or to a place in one."""
    links = {}
    for view in state.views:
        for link in LINK.findall(state.ask(view).body):
            links.setdefault(urljoin(view, html.unescape(link.decode())), view)
    own = {link: view for link, view in links.items() if not urlsplit(link).netloc}
    with ThreadPoolExecutor(2) as pool:
        answers = pool.map(state.ask, own)
    for (link, view), answer in zip(own.items(), answers, strict=True):
        anchor = urlsplit(link).fragment
        if answer.status not in (200, 503):  # a server that is not ready says so
            yield f"{state.name} {view}: {link} is answered with {answer.status}"
        elif anchor and anchor.encode() not in ANCHOR.findall(answer.body):
            yield f"{state.name} {view}: {link} leads to nothing on that page"


def _unsorted(state: State, view: str, parser: Tab) -> Iterator[str]:
    """Columns whose values do not come in the opposite order the other way round."""
    for column, name, link in _read(state.ask(view).text, parser)["sorts"]:
        orders: dict[str, list[str]] = {}
        for _ in range(2):
            table = _read(state.ask(link).text, parser)
            link = next(other for number, _, other in table["sorts"] if number == column)
            orders[table["sorted"].get(str(column), "not sorted")] = [row[column] for row in _rows(state, table, parser)]
        if orders.keys() != {"ascending", "descending"}:
            yield f"{state.name} {view}: {name} is told as {list(orders)}"
        elif orders["ascending"] != orders["descending"][::-1]:
            yield f"{state.name} {view}: {name} is {orders['ascending'][:5]} … and {orders['descending'][:5]} …"


def _read(text: str, parser: Tab) -> dict:
    """A view as it is without scripts, read as browsers do."""
    return parser.ask("readTable", text)


def _rows(state: State, table: dict, parser: Tab) -> list[list[str]]:
    """The rows of a table, on this page and all that follow."""
    rows = table["rows"]
    for _ in range(MOST_PAGES):
        if not table["next"]:
            return rows
        table = _read(state.ask(table["next"]).text, parser)
        rows += table["rows"]
    raise VerificationError(f"{state.name}: {table['next']} is the next page for ever")


def _check_filters(states: dict[str, State], tab: Tab, parser: Tab, report: Report) -> None:
    def names(state: State, text: str) -> list[str]:
        return [row[0] for row in _rows(state, _read(text, parser), parser)]

    def check(claim: str, name: str, view: str, expected: Iterable[str], **fields: str) -> None:
        tab.open(states[name].url(view))
        for field, value in fields.items():
            box = tab.page.locator(f"[name={field}]").first
            box.select_option(value) if box.evaluate("box => box.localName") == "select" else box.fill(value)
        tab.page.locator("form:has([name=q])").first.locator("button, input[type=submit]").first.click()
        found, wanted = names(states[name], tab.page.content()), set(expected)
        told = {each for each in wanted for value in found if each in value.split()}
        report.check(
            claim, told == wanted and all(wanted & set(value.split()) for value in found), f"{found}, not {sorted(wanted)}"
        )

    crowded, behind, visited = states["crowded"], states["behind"], states["visited"]
    found = [value.split()[-1] for value in names(crowded, crowded.ask("/").text)]
    report.check("every module is on one of the pages, in order", found == sorted(crowded.modules), found)
    check(
        "a filter shows the modules whose path has the text",
        "crowded",
        "/",
        (path for path in crowded.modules if "plugin-07" in path),
        q="plugin-07",
    )
    for state, client in (("behind", LATECOMER), ("failed", STRANDED), ("missing", GATEWAY)):
        check(f"a filter shows who is {state}", behind.name, "/fleet", [client], state=state)
    check(
        "a filter shows the clients whose address has the text",
        visited.name,
        "/fleet",
        [f"10.2.1.{n}" for n in range(1, 101)],
        q="10.2.1.",
    )
