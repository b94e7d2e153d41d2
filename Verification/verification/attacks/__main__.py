# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Attacks a release build of the server, row by row of the robustness table, and says which rows hold.

1. Start a server with a 4.3 MB module, anew for each row; take its memory and its descriptors.
2. Start the bystander, who fetches that module once a second and must not notice anything.
3. Attack.
4. Look at what the row expects, at the bystander, at memory and descriptors; print a line.

A row that misses nothing but the bystander's time limit while others load the machine is run once more; both lines are
printed.

Exit code: 0 when every row held; 1 when one did not, or could not be run; 64 for a wrong argument.
"""

import argparse
import importlib
import pkgutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from verification.attacks import rows
from verification.attacks.fixture import ROWS, AttackFixture, Row
from verification.attacks.watch import Shared, Watch
from verification.command import finish, row_arguments, yield_to_servers
from verification.fixture import summarize
from verification.report import markdown

NAME = "attack"


@dataclass(frozen=True)
class Result:
    """What came of a row."""

    row: Row
    fixture: AttackFixture
    shared: Shared
    seconds: float

    @property
    def holds(self) -> bool:
        return not self.fixture.failures

    @property
    def is_only_slow(self) -> bool:
        return len(self.fixture.failures) == 1 and self.shared.bystander.is_slow

    def __str__(self) -> str:
        return self.fixture.line(f"{self.row.number:>2} {self.row.name:<32}", str(self.shared), self.seconds)

    def cells(self) -> list[object]:
        row, shared, failures = self.row, self.shared, self.fixture.failures
        outcome = "holds" if self.holds else "**fails**: " + "; ".join(failures)
        figures = "; ".join(self.fixture.figures)
        return [row.number, row.name, row.expected, outcome, figures, shared.bystander, f"+{shared.growth.rss:.1f} MB"]


def all_rows() -> list[Row]:
    """Those of every module of `rows`, by their number."""
    for module in pkgutil.iter_modules(rows.__path__):
        importlib.import_module(f"{rows.__name__}.{module.name}")
    return sorted(ROWS, key=lambda row: row.number)


def arguments(table: list[Row]) -> argparse.Namespace:
    told = {row.number: f"{row.number:>2} {row.name}: {row.expected}" for row in table}
    parser = row_arguments(NAME, "Attacks a release build of the server, row by row of the robustness table:", told, "N")
    parser.add_argument("--markdown", action="store_true", help="print a table for the documentation at the end")
    return parser.given()


def run(row: Row, given: argparse.Namespace) -> Result:
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="wasm-server-attack-") as folder:
        fixture = row.start(given, Path(folder))
        with fixture.server:
            watch = Watch(row, fixture)
            fixture.run_row(row.attack)
            shared = watch.end()
    return Result(row, fixture, shared, time.monotonic() - begin)


def main() -> int:
    table = all_rows()
    given = arguments(table)
    yield_to_servers()
    results = []
    for row in (row for row in table if not given.row or row.number in given.row):
        result = run(row, given)
        print(result, flush=True)
        if result.is_only_slow and result.shared.is_disturbed:
            result = run(row, given)
            print(f"again, as the machine was loaded: {result}", flush=True)
        results.append(result)
    if given.markdown:
        head = ["#", "threat", "expected", "outcome", "figures", "bystander", "memory"]
        print("\n" + markdown([head, *(result.cells() for result in results)]))
    return summarize(result.holds for result in results)


if __name__ == "__main__":
    finish(NAME, main)
