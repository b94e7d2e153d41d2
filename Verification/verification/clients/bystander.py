# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The bystander: an honest client beside each attack, in a process of its own, which the attack's does not slow."""

import hashlib
import http.client
import time
from dataclasses import dataclass

from verification.threads import PROCESSES, PeriodicProcess

INTERVAL = 1.0
TIMEOUT = 10.0
ADDRESS = "127.0.0.99"  # not the attacker's: limits may be set for each client
LIMIT_MILLISECONDS = 250.0


@dataclass(frozen=True)
class Fetch:
    """One download; `problem` is None if every byte was right."""

    milliseconds: float
    problem: str | None


class Bystander(PeriodicProcess):
    """Fetches the module by its digest once a second, on a new connection each time or on one that it keeps."""

    stop_limit = None

    def __init__(self, port: int, digest: str, kept_alive: bool = False) -> None:
        super().__init__(self._fetch_next, interval=0.0)
        self._port, self._digest, self._is_kept_alive = port, digest, kept_alive
        self._connection: http.client.HTTPConnection | None = None
        self._queue, self._fetches = PROCESSES.SimpleQueue(), []  # the pipe has room for those of half an hour
        self.start()

    @property
    def fetches(self) -> list[Fetch]:
        while not self._queue.empty():
            self._fetches.append(Fetch(*self._queue.get()))
        return self._fetches

    @property
    def right(self) -> int:
        return len(self.fetches) - len(self.problems)

    @property
    def problems(self) -> list[str]:
        return [fetch.problem for fetch in self.fetches if fetch.problem]

    @property
    def is_slow(self) -> bool:
        return self.p99 >= LIMIT_MILLISECONDS

    def __str__(self) -> str:
        return f"{self.right}/{len(self.fetches)} p99 {self.p99:.0f} ms"

    @property
    def p99(self) -> float:
        """Milliseconds; of fewer than a hundred downloads, the slowest."""
        times = sorted(fetch.milliseconds for fetch in self.fetches)
        return times[max(0, -(-len(times) * 99 // 100) - 1)] if times else 0.0

    def _fetch_next(self, _number: int) -> None:
        begin = time.monotonic()
        if self._connection is None or not self._is_kept_alive:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT, source_address=(ADDRESS, 0))
        fetch = _fetch(self._connection, self._digest)
        if fetch.problem or not self._is_kept_alive:
            self._connection.close()
        self._queue.put((fetch.milliseconds, fetch.problem))
        self._ended.wait(max(0.0, INTERVAL - (time.monotonic() - begin)))


def _fetch(connection: http.client.HTTPConnection, digest: str) -> Fetch:
    begin = time.perf_counter()
    try:
        connection.request("GET", f"/sha256/{digest}.wasm")
        response = connection.getresponse()
        body = response.read()
        problem = None if response.status == 200 else f"status {response.status}"
    except (OSError, http.client.HTTPException) as error:
        body, problem = b"", repr(error)
    milliseconds = (time.perf_counter() - begin) * 1000
    if not problem and hashlib.sha256(body).hexdigest() != digest:
        problem = "wrong bytes"
    return Fetch(milliseconds, problem)
