# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Checks the status page in Debian's Chromium, in each state that a server can be in.

1. Each view, light and dark, narrow and wide: axe finds nothing, nothing is wider than the window, and Tab reaches everything.
2. Each view loads little, from its own server only, and has nothing to complain of; its markup is valid.
3. Without scripts all is there, and every link, sort, filter and tab works.
4. Copying works where a browser offers no clipboard.
5. What is told is true, and what strangers write is text.

Scripts/install-tools page installs what it needs.
"""

import tempfile
import time
from pathlib import Path

from playwright.sync_api import Error

from verification.command import DEBUG_SERVER, Arguments, finish
from verification.page import copying, hostile, plain, states, truth
from verification.page.browser import Browser
from verification.page.markup import Markup
from verification.page.survey import Survey
from verification.report import Report

NAME = "check-page"


def main() -> int:
    parser = Arguments(NAME, __doc__, DEBUG_SERVER)
    parser.add_argument("--screenshots", type=Path, metavar="FOLDER", help="put a picture of each view there")
    given = parser.given()
    report, begin = Report(NAME), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        markup = Markup(work / "markup")
        with states.started(given.server, work) as made, Browser() as browser:
            for name, check in (
                ("every view", lambda: Survey(browser, markup, given.screenshots).check(made.values(), report)),
                ("views without scripts", lambda: plain.check(browser, made, report)),
                ("copying", lambda: copying.check(browser, made, report)),
                ("what is told", lambda: truth.check(browser, made, report)),
                ("what strangers write", lambda: hostile.check(browser, made, markup, report)),
            ):
                try:
                    check()
                except Error as error:
                    report.check(f"{name} could be looked at", False, error)
        markup.check(report)
    print(f"{time.monotonic() - begin:.0f} s")
    return report.end()


if __name__ == "__main__":
    finish(NAME, main)
