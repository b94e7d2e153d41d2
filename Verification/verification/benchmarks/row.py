# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A row of the table: what was measured of each server, and how ours compares."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from verification.benchmarks.case import Target
from verification.benchmarks.contestants import FLOOR, GO, NGINX, OURS

FAMILIES: dict[str, Iterable[str]] = {"nginx": NGINX, "go": [GO], "floor": FLOOR}
"""What ours is compared with; the cheapest of each counts."""


@dataclass(frozen=True)
class Ratio:
    """Ours over theirs: the median of the rounds' ratios, with the least and the greatest."""

    median: float
    least: float
    greatest: float


@dataclass(frozen=True)
class Row:
    """Figures of one kind: less is better; the n-th of each server is from the n-th round.

    `amount` is a target for our own figure, the others are for its ratio to a family's.
    """

    name: str
    title: str
    unit: str
    samples: dict[str, list[float]]
    targets: dict[str, Target | None] = field(default_factory=dict)
    amount: Target | None = None
    more: dict[str, Any] = field(default_factory=dict)

    def median(self, name: str) -> float | None:
        return median(self.samples[name]) if self.samples.get(name) else None

    def cheapest(self, family: str) -> str | None:
        """The server of a family that takes least, by its median."""
        return min((name for name in FAMILIES[family] if self.samples.get(name)), key=self.median, default=None)

    def ratio(self, family: str) -> Ratio | None:
        """To the cheapest of a family."""
        theirs = self.samples.get(self.cheapest(family) or "", [])
        ours = self.samples.get(OURS, [])
        if not ours or len(ours) != len(theirs) or 0 in theirs:
            return None
        ratios = [our / their for our, their in zip(ours, theirs, strict=True)]
        return Ratio(median(ratios), min(ratios), max(ratios))

    def verdict(self, family: str) -> str | None:
        """Whether a target is met: `amount`, or that of a family."""
        target = self.amount if family == "amount" else self.targets.get(family)
        if target is None:
            return None
        value = self.median(OURS) if family == "amount" else ratio.median if (ratio := self.ratio(family)) else None
        return None if value is None else target.verdict(value)
