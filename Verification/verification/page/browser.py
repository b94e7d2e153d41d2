# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Debian's Chromium, and what it notices while it shows a view."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import ConsoleMessage, Page, Response, sync_playwright

from verification.clients.sockets import LOOPBACK
from verification.programs import program_path

NAME = "page.example"  # no secure context, as it is neither https nor this machine
LIMIT = 15_000  # milliseconds for whatever a browser is asked to do
Answer = str | float | bool | list | dict  # what comes as JSON
VIEW = Path(__file__).with_name("view.js").read_text()
FIRST_PAINT = """() => new Promise(done => new PerformanceObserver((list, observer) => {
    const [paint] = list.getEntriesByName("first-contentful-paint");
    if (paint) { observer.disconnect(); done(paint.startTime); }
}).observe({ type: "paint", buffered: true }))"""


class Tab:
    """A page of the browser, and what went on since a view was opened in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requested: list[str] = []
        self.complaints: list[str] = []
        self._finished: list[object] = []
        page.set_default_timeout(LIMIT)
        page.on("request", lambda request: self.requested.append(request.url))
        page.on("requestfinished", lambda request: self._finished.append(request))
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", self._close)
        page.evaluate(VIEW)

    def open(self, url: str) -> Response:
        """Opens a view, and waits until all of it is there."""
        for seen in (self.requested, self.complaints, self._finished):
            seen.clear()
        response = self.page.goto(url, wait_until="load")
        response.finished()
        self.page.evaluate(VIEW)
        return response

    def ask(self, name: str, *given: object) -> Answer:
        """What a function of view.js says."""
        return self.page.evaluate("([name, given]) => window.view[name](...given)", [name, list(given)])

    @property
    def transferred(self) -> int:
        """Bytes of all that was sent for the view, heads included."""
        sizes = [request.sizes() for request in self._finished]
        return sum(size["responseHeadersSize"] + size["responseBodySize"] for size in sizes)

    def first_paint(self) -> float:
        """Milliseconds from the navigation until something was to be seen."""
        return self.page.evaluate(FIRST_PAINT)

    def show(self, theme: str, width: int, height: int = 800) -> None:
        self.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        self.page.set_viewport_size({"width": width, "height": height})

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _close(self, dialog: object) -> None:
        self.complaints.append(f"a dialog said {dialog.message}")
        dialog.dismiss()


class Browser(AbstractContextManager):
    """A browser without a window; leaving its `with` block ends it."""

    def __enter__(self) -> "Browser":
        self._playwright = sync_playwright().start()
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        rules = f"--host-resolver-rules=MAP {NAME} {LOOPBACK}, MAP * ~NOTFOUND, EXCLUDE {LOOPBACK}, EXCLUDE localhost"
        self._chromium: Chromium = self._playwright.chromium.launch(
            executable_path=program_path("chromium", "page"), args=[*sandbox, rules]
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._chromium.close()
        self._playwright.stop()

    @contextmanager
    def tab(self, **options: object) -> Iterator[Tab]:
        """A tab that shares nothing with any other."""
        context = self._chromium.new_context(**options)
        try:
            yield Tab(context.new_page())
        finally:
            context.close()
