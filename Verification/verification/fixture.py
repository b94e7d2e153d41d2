# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What a row of attacks or drills works with, and what it finds out."""

import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from verification.programs import VerificationError
from verification.threads import seconds_until


@dataclass
class Fixture:
    """A server to start, a folder to work in, and a list of what went wrong."""

    binary: Path
    work: Path
    quick: bool
    figures: list[str] = field(default_factory=list, kw_only=True)
    failures: list[str] = field(default_factory=list, kw_only=True)

    def run_row(self, row: Callable[[Self], None]) -> None:
        """Runs a row; if it breaks off, that says nothing about the server, but must not pass."""
        try:
            row(self)
        except VerificationError as error:
            self.failures.append(str(error))
        except Exception:
            self.failures.append(f"the row broke off:\n{traceback.format_exc()}")

    def report(self, figure: str) -> None:
        self.figures.append(figure)

    def report_each(self, figures: dict[str, str]) -> None:
        """Reports figures that are often the same together: `GOAWAY 11 after 201: module, 404`."""
        for figure in dict.fromkeys(figures.values()):
            self.report(f"{figure}: {', '.join(form for form, its in figures.items() if its == figure)}")

    def require(self, is_true: bool, otherwise: str) -> bool:
        if not is_true:
            self.failures.append(otherwise)
        return is_true

    def await_until(self, condition: Callable[[], bool], seconds: float, otherwise: str | None = None) -> float | None:
        """Seconds until a condition was met, or None if it was not, which is a failure if there is a word for it."""
        waited = seconds_until(condition, seconds)
        if waited is None and otherwise is not None:
            self.failures.append(otherwise)
        return waited

    def line(self, name: str, remark: str, seconds: float) -> str:
        """The row's line, and one more for each thing that failed."""
        text = f"{name} {'FAILED' if self.failures else 'ok    '} {'; '.join(self.figures)} | {remark} | {seconds:.0f} s"
        return "\n".join([text, *(f"     - {failure}" for failure in self.failures)])


@dataclass(frozen=True)
class Row:
    """A row of the drill: what is run, and what is expected of the server."""

    name: str
    expected: str
    run: Callable[[Fixture], None]


def in_seconds(waited: float | None) -> str:
    return "never" if waited is None else f"{waited:.1f} s"


def summarize(held: Iterable[bool]) -> int:
    """Says how many rows hold; returns the exit status."""
    held = list(held)
    print(f"{sum(held)} of {len(held)} rows hold")
    return 0 if all(held) else 1
