# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Looks at each view of each state: in every theme and width, with the keyboard, and at what it loads."""

import re
from collections.abc import Iterable
from pathlib import Path

from verification.page import accessibility, keyboard, layout
from verification.page.browser import Browser, Tab
from verification.page.markup import Markup
from verification.page.states import State
from verification.report import SEPARATOR, Report

THEMES = ("light", "dark")
MOST_BYTES = 60 * 1024
FEW = 3
CALM = "no view makes the browser complain"
# What differs from server to server: the line that all views of one begin with, their icon, times, digests and numbers.
CHANGING = re.compile(rb'<p class="status.*?</p>|<link.*?>|<time.*?</time>|[0-9a-f]{12,}|[0-9]+')
GOAL, MOST_MILLISECONDS = 150, 1500


class Survey:
    """What was found, by what should be so."""

    def __init__(self, browser: Browser, markup: Markup, pictures: Path | None) -> None:
        self._browser, self._markup, self._pictures = browser, markup, pictures
        self._found: dict[str, dict[str, list[str]]] = {}
        self._paints: list[float] = []
        self._sizes: list[int] = []
        self._renderings = 0
        self._seen: set[bytes] = set()
        self._advice: set[str] = set()
        if pictures:
            pictures.mkdir(parents=True, exist_ok=True)

    def check(self, states: Iterable[State], report: Report) -> None:
        with self._browser.tab() as tab:
            for state in states:
                for view in state.views:
                    self._look(state, view, tab)
        for advice in sorted(self._advice):
            print(f"advice {advice}")
        for claim, found in self._found.items():
            report.check_none(claim, (f"{finding}: {_few(places)}" for finding, places in found.items()), SEPARATOR)
        print(f"       {self._renderings} renderings; the largest view takes {max(self._sizes)} bytes")
        paints = sorted(self._paints)
        figures = f"{paints[len(paints) // 2]:.0f} ms in the median, {paints[-1]:.0f} at most"
        print(f"       first paint after {figures} (goal: {GOAL})")
        report.check("no view takes ten times as long to paint as it should", paints[-1] < MOST_MILLISECONDS, figures)

    def _look(self, state: State, view: str, tab: Tab) -> None:
        def note(claim: str, found: Iterable[str], how: str = "") -> None:
            findings = self._found.setdefault(claim, {})
            for each in found:
                findings.setdefault(each, []).append(f"{state.name} {view}{how}")

        tab.show(THEMES[0], layout.WIDE)
        response = tab.open(state.url(view))
        self._markup.add(f"{state.name} {view}", response.body())
        note("every view is there", [] if response.status == 200 else [str(response.status)])
        self._paints.append(tab.first_paint())
        self._sizes.append(tab.transferred)
        note(f"no view takes more than {MOST_BYTES} bytes", [f"{size}" for size in self._sizes[-1:] if size > MOST_BYTES])
        note(
            "nothing is asked of any other server", (url for url in tab.requested if not url.startswith((state.url("/"), "data:")))
        )
        if view != "/" and self._is_known(response.body(), state) and not self._pictures:
            note(CALM, tab.complaints)
            return
        tab.show(THEMES[0], layout.NARROW)
        note("Tab reaches everything in order, and shows where it is", keyboard.problems(tab))
        note("the first thing that Tab reaches skips to the content", keyboard.skipping_problems(tab))
        accessibility.load(tab)
        for theme in THEMES:
            for width in (layout.WIDE, layout.NARROW):
                tab.show(theme, width)
                how = f" ({theme}, {width} px)"
                note("no view is wider than its window", layout.problems(tab), how)
                broken, advised = [], []
                for breaks, found in accessibility.violations(tab, is_repainted=theme != THEMES[0]):
                    (broken if breaks else advised).append(found)
                note("axe finds nothing", broken, how)
                self._advice.update(f"{state.name} {view}: {found}" for found in advised)
                self._renderings += 1
                if self._pictures:
                    self._take_picture(state, view, tab, theme, width)
        note("digests are short, and show in full with the focus and under the pointer", layout.digest_problems(tab))
        note(CALM, tab.complaints)

    def _is_known(self, text: bytes, state: State) -> bool:
        """Whether it is like a view of another state, which was looked at."""
        form = CHANGING.sub(b"", text.replace(bytes(state.certificate.parent), b""))
        is_known = form in self._seen
        self._seen.add(form)
        return is_known

    def _take_picture(self, state: State, view: str, tab: Tab, theme: str, width: int) -> None:
        words = re.sub(r"[0-9a-f]{64}", lambda digest: digest[0][:12], view)
        name = re.sub(r"[^A-Za-z0-9.=]+", "-", words).strip("-") or "overview"
        tab.page.screenshot(path=self._pictures / f"{state.name}-{name}-{theme}-{width}.png", full_page=True)


def _few(places: list[str]) -> str:
    """Where something was found: what is wrong is often wrong everywhere."""
    return ", ".join(places[:FEW]) + (f" and {len(places) - FEW} more" if len(places) > FEW else "")
