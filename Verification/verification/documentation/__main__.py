# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Follows README.md, ARCHITECTURE.md and docs/ literally, and says where they are wrong.

Links lead somewhere; every block of commands is run in page order, in a terminal without a network, or says why it cannot be
(page.py has the rules); flags, variables, metrics and targets of make that are named exist; the reference of the settings is
what the program's parser says.

Scripts/install-tools deploy test installs what it needs.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from verification.command import DEBUG_SERVER, Arguments, finish
from verification.documentation import sandbox, static_checks
from verification.documentation.page import Page, Problem
from verification.documentation.terminal import CommandFailed, Terminal
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


@dataclass
class Tally:
    """How many blocks were run, and how many compared."""

    run: int = 0
    compared: int = 0


def run_blocks(page: Page, terminal: Terminal) -> Tally:
    """Runs the blocks of a page; raises Problem for the first one that does not do what it should."""
    tally, printed = Tally(), ""
    for block in page.blocks:
        try:
            if block.info == "stop":
                terminal.stop_servers()
            elif block.info == "sh server":
                terminal.serve(block.text)
                tally.run += 1
            elif block.info == "sh" or block.info.startswith("sh exits="):
                printed = terminal.run(block.text, int(block.info.partition("=")[2] or 0))
                tally.run += 1
            elif block.info.endswith(" output"):
                require_like(block.text, printed)
                tally.compared += 1
        except CommandFailed as failure:
            raise Problem(page.name, block.line, str(failure)) from failure
    return tally


def require_like(expected: str, printed: str) -> None:
    """An ellipsis stands for anything within its line, and on a line of its own for any lines."""
    lines = [line.rstrip() for line in expected.strip("\n").splitlines()]
    pattern = ""
    for line in lines:
        if line.strip() == "…":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*".join(re.escape(part) for part in line.split("…")) + r" *\n"
    text = "".join(f"{line.rstrip()}\n" for line in printed.strip("\n").splitlines())
    if not re.fullmatch(pattern, text):
        raise CommandFailed(f"the block before it printed something else:\n{printed}")


if __name__ == "__main__":
    finish(NAME, main)
