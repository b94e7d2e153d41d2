# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A Deployment that rolls its replicas with maxSurge 1 and maxUnavailable 0, and what others see of it, late."""

import random
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from verification.programs import VerificationError
from verification.server.process import Server
from verification.threads import seconds_until

REPLICAS = 3
SCHEDULING = (0.3, 1.5)  # seconds from the wish for a replica to its start
PROBE_PERIOD = 0.1
READY_LIMIT = 30.0
END_LIMIT = 45.0
LAGS = (0.5, 1.0)  # seconds from a change of endpoints to a node that knows it
KEPT_AFTER_ROLL = 10.0

Start = Callable[[Path, str], Server]
"""Starts a replica of a source at an address."""


class Endpoints:
    """Which addresses of a Service were ready, and since when."""

    def __init__(self) -> None:
        self._states: list[tuple[float, tuple[str, ...]]] = []

    def publish(self, addresses: Iterable[str]) -> None:
        self._states.append((time.monotonic(), tuple(addresses)))

    def seen(self) -> tuple[str, ...]:
        """The ready addresses as somebody sees them: as they were some moments ago."""
        then = time.monotonic() - random.uniform(*LAGS)
        for since, addresses in reversed(self._states):
            if since <= then:
                return addresses
        return self._states[0][1] if self._states else ()


class ControlPlane:
    """Reads a digest before a roll, and gives it to gateways that start during the roll and some seconds after."""

    def __init__(self) -> None:
        self._digest: str | None = None
        self._until = 0.0

    def keep(self, digest: str) -> None:
        """From the beginning of a roll on."""
        self._digest, self._until = digest, float("inf")

    def roll_ended(self) -> None:
        self._until = time.monotonic() + KEPT_AFTER_ROLL

    def kept_digest(self) -> str | None:
        return self._digest if time.monotonic() < self._until else None


class Deployment:
    """Replicas of one source, at addresses out of a few."""

    def __init__(self, start: Start, addresses: list[str], source: Path) -> None:
        self.endpoints = Endpoints()
        self.exits: list[int] = []
        self.rolls = 0
        self._start, self._addresses, self._source = start, list(addresses), source
        self._replicas: list[Server] = []
        self._ending: list[Server] = []

    def roll(self, source: Path) -> None:
        """Another source for everybody: a new one at a time, and when it is ready, an old one less."""
        self.rolls += 1
        for old in list(self._replicas):
            time.sleep(random.uniform(*SCHEDULING))
            self._add(source)
            self._replicas.remove(old)
            self._publish()
            old.request_stop()
            self._ending.append(old)

    def __enter__(self) -> "Deployment":
        for _ in range(REPLICAS):
            self._add(self._source)
        return self

    def __exit__(self, *_: object) -> None:
        for replica in self._replicas + self._ending:
            replica.kill()

    def _add(self, source: Path) -> None:
        replica = self._start(source, self._free_address())
        self._replicas.append(replica)
        waited = seconds_until(lambda: replica.is_ready() or not replica.is_running, READY_LIMIT, PROBE_PERIOD)
        if not replica.is_running:
            raise VerificationError(f"{replica.host} ended with {replica.process.returncode}:{replica.log_tail()}")
        if waited is None:
            raise VerificationError(f"{replica.host} is not ready after {READY_LIMIT:.0f} s:{replica.log_tail()}")
        self._publish()

    def _publish(self) -> None:
        self.endpoints.publish(replica.host for replica in self._replicas if replica.is_ready())

    def _free_address(self) -> str:
        """One that no replica has had for the longest time; waits for the end of one if there is none."""
        if seconds_until(self._free_addresses, END_LIMIT, PROBE_PERIOD) is None:
            raise VerificationError(f"no replica ended within {END_LIMIT:.0f} s")
        address = self._free_addresses()[0]
        self._addresses.remove(address)
        self._addresses.append(address)
        return address

    def _free_addresses(self) -> list[str]:
        for replica in [replica for replica in self._ending if not replica.is_running]:
            self.exits.append(replica.process.returncode)
            self._ending.remove(replica)
        taken = {replica.host for replica in self._replicas + self._ending}
        return [address for address in self._addresses if address not in taken]
