# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A Deployment that rolls its replicas with maxSurge 1 and maxUnavailable 0."""

import random
import time
from collections.abc import Callable
from pathlib import Path

from drill.endpoints import Endpoints
from drill.pods import Pod, require_alive
from harness.errors import AttackError

REPLICAS = 3
SCHEDULING = (0.3, 1.5)  # seconds from the wish for a pod to its start
PROBE_PERIOD = 0.1
READY_LIMIT = 30.0
END_LIMIT = 45.0


Start = Callable[[Path, str], Pod]


class Deployment:
    """Replicas of one source, at addresses out of a few; `start` makes a pod for a source and an address."""

    def __init__(self, start: Start, addresses: list[str], source: Path) -> None:
        self.endpoints = Endpoints()
        self.exits: list[int] = []
        self.rolls = 0
        self._start, self._addresses, self._source = start, list(addresses), source
        self._pods: list[Pod] = []
        self._ending: list[Pod] = []

    def roll(self, source: Path) -> None:
        """Another source for everybody: a new one at a time, and when it is ready, an old one less."""
        self.rolls += 1
        for old in list(self._pods):
            time.sleep(random.uniform(*SCHEDULING))
            self._add(source)
            self._pods.remove(old)
            self._publish()
            old.end()
            self._ending.append(old)

    def __enter__(self) -> "Deployment":
        for _ in range(REPLICAS):
            self._add(self._source)
        return self

    def __exit__(self, *_: object) -> None:
        for pod in self._pods + self._ending:
            pod.kill()

    def _add(self, source: Path) -> None:
        pod = self._start(source, self._free_address())
        self._pods.append(pod)
        begin = time.monotonic()
        while not pod.is_ready():
            require_alive(pod)
            if time.monotonic() - begin > READY_LIMIT:
                raise AttackError(f"{pod.address} is not ready after {READY_LIMIT:.0f} s:{pod.last_words()}")
            time.sleep(PROBE_PERIOD)
        self._publish()

    def _publish(self) -> None:
        self.endpoints.publish(pod.address for pod in self._pods if pod.is_ready())

    def _free_address(self) -> str:
        """One that no pod has had for the longest time; waits for the end of one if there is none."""
        begin = time.monotonic()
        while True:
            self._bury()
            taken = {pod.address for pod in self._pods + self._ending}
            for address in self._addresses:
                if address not in taken:
                    self._addresses.remove(address)
                    self._addresses.append(address)
                    return address
            if time.monotonic() - begin > END_LIMIT:
                raise AttackError(f"no replica ended within {END_LIMIT:.0f} s")
            time.sleep(PROBE_PERIOD)

    def _bury(self) -> None:
        for pod in [pod for pod in self._ending if pod.has_ended()]:
            self.exits.append(pod.process.returncode)
            self._ending.remove(pod)
