# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Whether what strangers write stays text: names of files and clients, and what they ask for."""

from collections.abc import Iterator

from verification.clients import http1
from verification.page.browser import Browser, Tab
from verification.page.markup import Markup
from verification.page.states import VIEWS, State
from verification.report import SEPARATOR, Report

MARK = '"><script>alert(1)</script>'
QUERIES = (
    "q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    "q='%20autofocus%20onfocus=alert(1)%20x='",
    "q=%00%01%1b[31m%E2%80%AEtxt",
    "q=%FF%FE",
    "q=%",
    "q=%zz",
    f"q={'x' * 4000}",
    "q=a&q=b&&&=",
    "sort=%00",
    "sort=%22%3E%3Cscript%3E&order=%3Cimg%20src=x%20onerror=alert(1)%3E",
    "page=-1",
    "page=0",
    "page=99999999999999999999",
    "state=%3Cb%3E",
    "format=%3Cscript%3E",
    "gateway=%3Cscript%3E&host=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    "host=javascript:alert(1)",
    "host=%0d%0aSet-Cookie:%20a=b",
)


def check(browser: Browser, states: dict[str, State], markup: Markup, report: Report) -> None:
    report.check_none(
        "whatever is asked for, what was asked for is not markup", _wrong_answers(states["healthy"], markup), SEPARATOR
    )
    with browser.tab() as tab:
        report.check_none("names that are markup are shown as text", _harm(states["hostile"], tab), SEPARATOR)
        report.check_none("queries that are markup run nothing", _run(states["healthy"], tab), SEPARATOR)


def _wrong_answers(state: State, markup: Markup) -> Iterator[str]:
    """A page or a refusal, with the same policy as any, and nothing of what was asked for as it was."""
    for view in (
        *VIEWS,
        "/modules/plugin.wasm",
        "/modules/none.wasm",
        "/none",
        "/modules/%3Cscript%3Ealert(1)%3C%2Fscript%3E.wasm",
    ):
        for query in ("", *QUERIES):
            target = f"{view}?{query}" if query else view
            answer = http1.get(state.server.ports["operations"], target, "Accept: text/html")
            if answer is None or answer.status not in (200, 400, 404, 414):
                yield f"{target[:80]} gets {answer and answer.status}"
                continue
            if b"<script>alert" in answer.body or b"onfocus=alert(1)" in answer.body.replace(
                b"&#39; autofocus onfocus=alert(1)", b""
            ):
                yield f"{target[:80]} is sent back as markup"
            if "set-cookie" in answer.fields:
                yield f"{target[:80]} sets a field"
            if answer.fields.get("content-type", "").startswith("text/html"):
                markup.add(f"{state.name} {target[:80]}", answer.body)
                policy = answer.fields.get("content-security-policy", "")
                if "default-src 'none'" not in policy or "unsafe" in policy:
                    yield f"{target[:80]} has the policy {policy}"


def _harm(state: State, tab: Tab) -> Iterator[str]:
    texts = ""
    for view in state.views:
        tab.open(state.url(view))
        yield from (f"{view}: {complaint}" for complaint in tab.complaints)
        yield from (f"{view}: turns around {turned}" for turned in tab.ask("turnedTexts"))
        if tab.page.locator("script").count() > 1 or tab.page.locator("img").count():
            yield f"{view}: there is an element that was a name"
        texts += tab.page.locator("body").inner_text()
    if "<script>alert(1)" not in texts:
        yield "no view tells the names as they are"


def _run(state: State, tab: Tab) -> Iterator[str]:
    for view in (*VIEWS, "/modules/plugin.wasm"):
        for query in (QUERIES[0], QUERIES[1], QUERIES[-3]):
            tab.open(state.url(f"{view}?{query}"))
            complaints = [each for each in tab.complaints if "status of 400" not in each]
            yield from (f"{view}?{query}: {complaint}" for complaint in complaints)
