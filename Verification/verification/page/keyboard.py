# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Whether the keyboard alone reaches everything, in order, and where it is can be seen."""

from collections.abc import Iterator

from verification.page.browser import Tab


def problems(tab: Tab) -> Iterator[str]:
    """Presses Tab once for whatever must be reached; the view was just opened."""
    for _ in range(tab.ask("watchFocus")):
        tab.page.keyboard.press("Tab")
    yield from tab.ask("focusProblems")


def skipping_problems(tab: Tab) -> Iterator[str]:
    """The first thing that Tab reaches leads past what every view begins with."""
    target = tab.ask("focusFirst")
    if not target.startswith("#"):
        yield f"the first thing that Tab reaches is no skip link: {target}"
        return
    for key in ("Enter", "Tab"):
        tab.page.keyboard.press(key)
    if not tab.ask("hasSkipped"):
        yield f"after the skip link to {target} Tab goes elsewhere"
    tab.ask("leaveFocus")
