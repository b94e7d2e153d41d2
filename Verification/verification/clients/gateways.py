# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Gateways that fetch as Envoy does: a few tries, then none any more."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from verification.clients.sessions import SessionError
from verification.threads import PeriodicThread


@dataclass(frozen=True)
class Retries:
    """How often it is tried again, and how long it is waited before each time, by its number."""

    count: int
    pause: Callable[[int], float]


ENVOYS_OWN = Retries(1, lambda _: random.random())
# num_retries: 10, retry_back_off: {base_interval: 1s, max_interval: 10s}; Envoy takes any time up to the interval.
AS_PRINTED = Retries(10, lambda number: random.uniform(0.0, min(2.0 ** (number + 1) - 1, 10.0)))


@dataclass
class Tally:
    """What gateways have seen."""

    fetched: Counter[str] = field(default_factory=Counter)
    stale: int = 0
    mismatched: int = 0
    retried: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    slowest: float = 0.0

    @property
    def boots(self) -> int:
        return self.fetched.total() + len(self.failed)

    def first_tries(self) -> str:
        """What went wrong with tries that were not the last."""
        return "first tries: " + ", ".join(f"{count} × {why}" for why, count in self.retried.most_common(4))

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.fetched + other.fetched,
            self.stale + other.stale,
            self.mismatched + other.mismatched,
            self.retried + other.retried,
            self.failed + other.failed,
            max(self.slowest, other.slowest),
        )


class Gateway(PeriodicThread):
    """Fetches again and again."""

    def __init__(self, retries: Retries = ENVOYS_OWN) -> None:
        super().__init__(self.fetch)
        self.tally, self._retries = Tally(), retries

    def fetch(self) -> None:
        raise NotImplementedError

    def attempt(self, what: str, action: Callable[[], str]) -> str | None:
        """What comes of an action, at the last try at the latest."""
        begin, errors = time.monotonic(), []
        for number in range(self._retries.count + 1):
            try:
                return action()
            except SessionError as error:
                errors.append(str(error))
            finally:
                self.tally.slowest = max(self.tally.slowest, time.monotonic() - begin)
            if number < self._retries.count:
                self.tally.retried[f"{what}: {errors[-1]}"] += 1
                time.sleep(self._retries.pause(number))
        self.tally.failed.append(f"{what}: {', then '.join(errors)}")
        return None
