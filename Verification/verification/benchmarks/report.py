# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Medians, ratios and the tables that are printed."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from verification.benchmarks.load import Case, Sample
from verification.report import aligned

OTHERS = ["nginx", "buffered", "original"]

Rounds = dict[str, list[Sample]]
"""Samples by server name; the n-th sample of each was taken in the n-th round."""


@dataclass(frozen=True)
class Ratio:
    """Ours over theirs: the median of the rounds' ratios, with the least and the greatest."""

    median: float
    least: float
    greatest: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.least:.2f}–{self.greatest:.2f})"


def cpu_ratio(rounds: Rounds, other: str) -> Ratio | None:
    return _ratio(rounds, other, lambda sample: sample.cpu_microseconds)


def rate_ratio(rounds: Rounds, other: str) -> Ratio | None:
    return _ratio(rounds, other, lambda sample: sample.requests_per_second)


def verdict(case: Case, rounds: Rounds) -> str:
    """Whether the target is met, in words."""
    if case.target is None:
        return ""
    return "met" if cpu_ratio(rounds, "nginx").median <= case.target else "missed"


def cpu_table(results: dict[Case, Rounds]) -> str:
    columns = [[_target(case), verdict(case, rounds)] for case, rounds in results.items()]
    return _comparison("CPU per request", results, _cpu, cpu_ratio, ["target", ""], columns)


def rate_table(results: dict[Case, Rounds], sizes: dict[str, int]) -> str:
    columns = [[_megabytes(case, rounds, sizes)] for case, rounds in results.items()]
    return _comparison("Requests per second", results, _rate, rate_ratio, ["MB/s, ours and nginx"], columns)


def memory_table(moments: dict[str, dict[str, dict[str, int]]]) -> str:
    columns = ["rss", "anon", "file", "shmem", "pss", "memfd"]
    return aligned(
        ["Memory, MB", *columns],
        [
            [f"{name}, {moment}", *(f"{kib[column] * 1024 / 1e6:.1f}" for column in columns)]
            for moment, servers in moments.items()
            for name, kib in servers.items()
        ],
    )


def start_line(milliseconds: list[float]) -> str:
    spread = f"{min(milliseconds):.1f}–{max(milliseconds):.1f}"
    return f"Start to ready: {median(milliseconds):.1f} ms, median of {len(milliseconds)} starts ({spread})"


def _ratio(rounds: Rounds, other: str, value: Callable[[Sample], float]) -> Ratio | None:
    if other not in rounds:
        return None
    ratios = [value(ours) / value(theirs) for ours, theirs in zip(rounds["ours"], rounds[other], strict=True)]
    return Ratio(median(ratios), min(ratios), max(ratios))


def _comparison(
    title: str,
    results: dict[Case, Rounds],
    median_text: Callable[[list[Sample]], str],
    ratio: Callable[[Rounds, str], Ratio | None],
    extra: list[str],
    columns: list[list[str]],
) -> str:
    """One row per case: each server's median, then our ratio to nginx, `extra` columns, and our ratio to the others."""
    nginx, *others = OTHERS
    header = [title, "ours", *OTHERS, f"ours/{nginx}", *extra, *(f"ours/{other}" for other in others)]
    rows = [
        [
            case.name,
            *(median_text(rounds[name]) if name in rounds else "–" for name in ["ours", *OTHERS]),
            str(ratio(rounds, nginx)),
            *cells,
            *(str(ratio(rounds, other) or "–") for other in others),
        ]
        for (case, rounds), cells in zip(results.items(), columns, strict=True)
    ]
    return aligned(header, rows)


def _target(case: Case) -> str:
    return f"≤ {case.target:.2f}" if case.target else "–"


def _cpu(samples: list[Sample]) -> str:
    return f"{median(sample.cpu_microseconds for sample in samples):.1f} µs"


def _rate(samples: list[Sample]) -> str:
    return f"{median(sample.requests_per_second for sample in samples):.0f}"


def _megabytes(case: Case, rounds: Rounds, sizes: dict[str, int]) -> str:
    if not case.is_module:
        return "–"
    rates = (median(sample.requests_per_second for sample in rounds[name]) for name in ["ours", "nginx"])
    return " and ".join(f"{rate * sizes[case.file] / 1e6:.0f}" for rate in rates)
