# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Gateways that boot again and again, and fetch their plugin as Envoy does: a few tries, then none any more."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from verification.clients import sockets
from verification.clients.sessions import PROTOCOLS, HTTP1Session, Session, SessionError
from verification.drills.rollout import ControlPlane, Endpoints
from verification.sources.module import digest_of

ANNOUNCEMENT = "/plugin.wasm.sha256"
TRY_LIMIT = 10.0  # seconds: Kuadrant's timeout
LONGEST_WAIT = 2.0  # from the announcement to the fetch
STALE_SHARE = 0.3  # of the boots take the digest that a control plane has kept


@dataclass(frozen=True)
class Retries:
    """How often it is tried again, and how long it is waited before each time, by its number."""

    count: int
    pause: Callable[[int], float]


ENVOYS_OWN = Retries(1, lambda _: random.random())
# num_retries: 10, retry_back_off: {base_interval: 1s, max_interval: 10s}; Envoy takes any time up to the interval.
AS_PRINTED = Retries(10, lambda number: random.uniform(0.0, min(2.0 ** (number + 1) - 1, 10.0)))


@dataclass(frozen=True)
class Layout:
    """How a server is asked: where it listens, by which protocols, the path of a digest's module, and how often."""

    port: int
    protocols: tuple[str, ...]
    path: Callable[[str], str]
    retries: Retries = ENVOYS_OWN


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

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.fetched + other.fetched,
            self.stale + other.stale,
            self.mismatched + other.mismatched,
            self.retried + other.retried,
            self.failed + other.failed,
            max(self.slowest, other.slowest),
        )


class Gateway(threading.Thread):
    """One that boots again as soon as it has its plugin, or has given up."""

    def __init__(self, layout: Layout, endpoints: Endpoints, control: ControlPlane, ended: threading.Event) -> None:
        super().__init__(daemon=True)
        self.tally = Tally()
        self._layout, self._endpoints, self._control, self._ended = layout, endpoints, control, ended

    def run(self) -> None:
        while not self._ended.is_set():
            kept = self._control.kept_digest() if random.random() < STALE_SHARE else None
            digest = kept or self._try("announcement", self._announced)
            if digest and not self._ended.wait(random.uniform(0, LONGEST_WAIT)):
                self._boot(digest, is_kept=kept is not None)

    def _boot(self, digest: str, is_kept: bool) -> None:
        protocol = random.choice(self._layout.protocols)
        begin = time.monotonic()
        if self._try(protocol, lambda: self._fetch(protocol, digest)):
            self.tally.fetched[protocol] += 1
            self.tally.stale += is_kept
        self.tally.slowest = max(self.tally.slowest, time.monotonic() - begin)

    def _try(self, what: str, attempt: Callable[[], str]) -> str | None:
        errors, retries = [], self._layout.retries
        for number in range(retries.count + 1):
            try:
                return attempt()
            except SessionError as error:
                errors.append(str(error))
            if number < retries.count:
                self.tally.retried[f"{what}: {errors[-1]}"] += 1
                time.sleep(retries.pause(number))
        self.tally.failed.append(f"{what}: {', then '.join(errors)}")
        return None

    def _announced(self) -> str:
        return announced_digest(self._layout.port, self._endpoints)

    def _fetch(self, protocol: str, digest: str) -> str:
        body = get(PROTOCOLS[protocol], self._layout.port, self._endpoints, self._layout.path(digest))
        if digest_of(body) != digest:
            self.tally.mismatched += 1
            raise SessionError("another digest")
        return digest


def announced_digest(port: int, endpoints: Endpoints) -> str:
    """What one of the replicas announces."""
    return get(HTTP1Session, port, endpoints, ANNOUNCEMENT).decode(errors="replace").strip()


def get(kind: type[Session], port: int, endpoints: Endpoints, path: str) -> bytes:
    """What one of the replicas, chosen at random, has there; on a connection of its own."""
    addresses = endpoints.seen()
    if not addresses:
        raise SessionError("no endpoint")
    try:
        end = sockets.connect(port, host=random.choice(addresses), limit=TRY_LIMIT)
    except OSError as error:
        raise SessionError(f"connecting: {error!r}") from error
    with end:
        return kind(end).get(path)
