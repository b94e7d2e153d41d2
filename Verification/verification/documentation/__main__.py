# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Follows README.md, ARCHITECTURE.md and docs/ literally, and says where they are wrong.

Links lead somewhere; every block of commands is run in page order, in a terminal without a network, or says why it cannot be
(page.py has the rules); flags, variables, metrics and targets of make that are named exist; the reference of the settings is
what the program's parser says.

Scripts/install-tools deploy test installs what it needs.
"""

import time
from collections.abc import Iterator
from pathlib import Path

from verification.command import DEBUG_SERVER, Arguments, finish
from verification.documentation import sandbox, static_checks
from verification.documentation.page import Page, Problem
from verification.documentation.run_blocks import run_blocks
from verification.documentation.terminal import Terminal
from verification.programs import ROOT, TOOLS, listed_files, run

NAME = "check-docs"


def main() -> int:
    parser = Arguments(NAME, __doc__, DEBUG_SERVER)
    parser.add_argument("pages", nargs="*", help="only these pages; all links are checked all the same")
    given = parser.given()
    sandbox.enter()

    pages = {path: Page(path, str(path.relative_to(ROOT))) for path in sorted(listed_files()) if path.suffix == ".md"}
    problems = list(_without_running(pages, given.server))
    if not problems:
        for page in pages.values():
            if not given.pages or page.name in given.pages:
                problems += _follow(page, given.server)
    for problem in problems:
        print(f"FAILED {problem}")
    print(f"{NAME}: {len(pages)} pages, {len(problems)} problems")
    return 1 if problems else 0


def _without_running(pages: dict[Path, Page], server: Path) -> Iterator[Problem]:
    targets, known = static_checks.make_targets(), static_checks.known_words(server)
    for page in pages.values():
        yield from static_checks.wrong_blocks(page)
        yield from static_checks.dead_links(page, pages)
        yield from static_checks.unknown_words(page, targets, known)
    reference = run(ROOT / "Scripts/document-settings", "--check", "--server", server)
    if reference.returncode != 0:
        yield Problem("docs/configuration.md", 1, reference.stderr.strip())


def _follow(page: Page, server: Path) -> list[Problem]:
    begin = time.monotonic()
    tools = [TOOLS / "image" / "bin", *sorted(TOOLS.glob("envoy-*/envoy/_bin"), reverse=True)]
    with sandbox.checkout(server, tools) as (work, environment), Terminal(work, environment) as terminal:
        try:
            tally = run_blocks(page, terminal)
        except Problem as problem:
            return [problem]
    if tally.run:
        print(f"ok     {page.name}: {tally.run} blocks run, {tally.compared} compared, {time.monotonic() - begin:.1f} s")
    return []


if __name__ == "__main__":
    finish(NAME, main)
