# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Whether buttons copy, also where a browser offers no clipboard: over plain HTTP, from another machine."""

from collections.abc import Iterator

from playwright.sync_api import TimeoutError

from verification.clients.sockets import LOOPBACK
from verification.page.browser import NAME, Browser, Tab
from verification.page.states import State
from verification.report import SEPARATOR, Report

VIEW = "/modules/plugin.wasm"
NOTHING = "nothing was copied"


def check(browser: Browser, states: dict[str, State], report: Report) -> None:
    state = states["healthy"]
    for claim, host, options in (
        ("where there is no clipboard", NAME, {}),
        ("by the browser's clipboard", LOOPBACK, {"permissions": ["clipboard-read", "clipboard-write"]}),
    ):
        with browser.tab(**options) as tab:
            report.check_none(f"every button copies {claim}, and says so", _problems(state, host, tab), SEPARATOR)


def _problems(state: State, host: str, tab: Tab) -> Iterator[str]:
    tab.open(state.url(VIEW, host))
    has_clipboard = tab.page.evaluate("() => !!navigator.clipboard")
    if has_clipboard != (host == LOOPBACK):
        yield f"{host} {'has a' if has_clipboard else 'has no'} clipboard"
    texts, digest = tab.ask("wholeTexts"), state.modules["/plugin.wasm"].digest
    buttons = tab.page.get_by_role("button", name="Copy")
    if not buttons.count():
        yield "there is no button that copies"
    _exchange(tab)  # what was copied before does not count
    copied = []
    for number in range(buttons.count()):
        before = tab.ask("announced")
        buttons.nth(number).focus()
        tab.page.keyboard.press("Enter")
        try:
            tab.page.wait_for_function("before => window.view.announced() !== before", arg=before)
        except TimeoutError:
            yield f"button {number + 1} says nothing"
        if not buttons.nth(number).evaluate("button => button === document.activeElement"):
            yield f"button {number + 1} loses the focus"
        copied.append(_exchange(tab))
    yield from (f"button {number} copies {text[:60]!r}" for number, text in enumerate(copied, 1) if text.strip() not in texts)
    if digest not in copied:
        yield "no button copies the digest of the file"


def _exchange(tab: Tab) -> str:
    """What is pasted into another page of the same browser; something else can be pasted then."""
    other = tab.page.context.new_page()
    other.set_content("<textarea autofocus></textarea>")
    other.locator("textarea").press("Control+V")
    text = other.locator("textarea").input_value()
    other.locator("textarea").fill(NOTHING)
    for key in ("Control+A", "Control+C"):
        other.keyboard.press(key)
    other.close()
    return text
