# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Whether a view fits the window, and digests show in full to whom asks."""

from collections.abc import Iterator

from verification.page.browser import Tab

NARROW, WIDE = 320, 1280
SHORT = 12  # digits of a digest in a table
SOME = 3  # digests of a view: one is like the other


def problems(tab: Tab) -> Iterator[str]:
    """Whether it is wider than the window, so that all of it would have to be scrolled sideways."""
    width, window = tab.ask("width"), tab.page.viewport_size["width"]
    if width > window:
        yield f"{width} px wide in a window of {window} px"


def digest_problems(tab: Tab) -> Iterator[str]:
    """Digests that do not begin short, or are not shown in full when they have the focus, or the pointer is over them."""
    for number in range(min(tab.ask("countDigests"), SOME)):
        if (digits := tab.ask("digitsOf", number)) != SHORT:
            yield f"digest {number + 1} shows {digits} digits at first"
        tab.ask("focusDigest", number)
        if how := tab.ask("cutOf", number):
            yield f"digest {number + 1} with the focus is {how}"
        yield from problems(tab)
        tab.page.mouse.move(*tab.ask("beginningOf", number))
        if how := tab.ask("cutOf", number):
            yield f"digest {number + 1} under the pointer is {how}"
        tab.page.mouse.move(0, 0)
