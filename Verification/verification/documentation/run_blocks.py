# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Follows a page literally: its commands are run in order, and print what the page says."""

import re
from dataclasses import dataclass

from verification.documentation.page import Page, Problem
from verification.documentation.terminal import CommandFailed, Terminal


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
