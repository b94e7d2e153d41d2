# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The lines and the table that are printed."""

from dataclasses import dataclass

from harness.scene import Row
from harness.shared import Shared


@dataclass(frozen=True)
class Result:
    """What came of a row."""

    row: Row
    figures: list[str]
    failures: list[str]
    shared: Shared
    seconds: float

    @property
    def holds(self) -> bool:
        return not self.failures

    @property
    def is_only_slow(self) -> bool:
        return len(self.failures) == 1 and self.shared.is_slow


def line(result: Result) -> str:
    """The row's line, and one more for each thing that failed."""
    row = result.row
    outcome = "ok    " if result.holds else "FAILED"
    figures = "; ".join(result.figures)
    text = f"{row.number:>2} {row.name:<32} {outcome} {figures} | {result.shared} | {result.seconds:.0f} s"
    return "\n".join([text, *(f"     - {failure}" for failure in result.failures)])


def markdown(results: list[Result]) -> str:
    lines = ["| # | threat | expected | outcome | figures | bystander | memory |", "|-|-|-|-|-|-|-|"]
    for result in results:
        row, shared = result.row, result.shared
        bystander = f"{shared.fetches - shared.wrong}/{shared.fetches}, p99 {shared.p99:.0f} ms"
        outcome = "holds" if result.holds else "**fails**: " + "; ".join(result.failures)
        cells = [
            row.number,
            row.name,
            row.expected,
            outcome,
            "; ".join(result.figures),
            bystander,
            f"+{shared.rss:.1f} MB",
        ]
        lines.append("| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    return "\n".join(lines)
