# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What checks came to, line by line, and tables of figures."""

from collections.abc import Iterable

from verification.programs import run

SEPARATOR = "\n       "  # between findings that have a line each


class Report:
    """Prints each check as it comes; `failures` are those that did not hold.

    What was found is told of a check that failed, and of the others, too, if the report `tells_all`.
    """

    def __init__(self, name: str, tells_all: bool = False) -> None:
        self.failures: list[str] = []
        self._name, self._tells_all = name, tells_all

    def check(self, claim: str, holds: bool, found: object = "") -> bool:
        detail = "" if found in ("", None) else f" ({found})" if self._tells_all else "" if holds else f": {found}"
        print(f"{'ok    ' if holds else 'FAILED'} {claim}{detail}", flush=True)
        if not holds:
            self.failures.append(claim)
        return holds

    def check_none(self, claim: str, found: Iterable[object], separator: str = ", ") -> None:
        """Whether there is nothing of what was looked for."""
        found = list(map(str, found))
        self.check(claim, not found, separator.join(found))

    def check_run(self, claim: str, *command: object, **more: object) -> None:
        """Whether a command succeeds; what it printed tells why not."""
        done = run(*command, **more)
        self.check(claim, done.returncode == 0, (done.stdout + done.stderr).strip() if done.returncode else "")

    def end(self) -> int:
        """Says how it ended; returns the exit status."""
        print(f"{self._name}: {len(self.failures)} failed" if self.failures else f"{self._name}: everything holds")
        return 1 if self.failures else 0


def markdown(rows: list[list[object]]) -> str:
    """A table whose first row is its head."""
    head, *body = [["" if cell is None else str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    return "\n".join(["| " + " | ".join(head) + " |", "|-" * len(head) + "|", *("| " + " | ".join(row) + " |" for row in body)])


def aligned(head: list[str], rows: list[list[str]]) -> str:
    """A table for a terminal: names to the left, figures to the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [head, ["─" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if at else cell.ljust(width) for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
