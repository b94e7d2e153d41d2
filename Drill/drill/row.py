# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A row of the drill, and the line that is printed for it."""

from collections.abc import Callable
from dataclasses import dataclass

from harness.scene import Stage


@dataclass(frozen=True)
class Row:
    """What is played, and what is expected of the server."""

    name: str
    expected: str
    play: Callable[[Stage], None]


def line(row: Row, stage: Stage, seconds: float) -> str:
    """The row's line, and one more for each thing that failed."""
    outcome = "FAILED" if stage.failures else "ok    "
    text = f"{row.name:<14} {outcome} {'; '.join(stage.figures)} | expected: {row.expected} | {seconds:.0f} s"
    return "\n".join([text, *(f"     - {failure}" for failure in stage.failures)])
