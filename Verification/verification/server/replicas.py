# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Replicas behind a Service: fixed ports, and a view of who is ready that lags behind as endpoints do."""

import random
import time
from dataclasses import dataclass, field
from pathlib import Path

from verification.clients.tls import Pair
from verification.server.process import WasmServer, free_ports
from verification.threads import Repeating

POLL_INTERVAL = 1.0


@dataclass
class Replica:
    """One server after another on the same ports."""

    binary: Path
    source: Path
    pair: Pair
    ports: list[int] = field(default_factory=lambda: free_ports(3))
    server: WasmServer | None = None

    def start(self) -> None:
        data, operations, tls = self.ports
        self.server = WasmServer(self.binary, [self.source], *self.pair.flags(tls), ports=(data, operations)).await_ready()

    def restart(self) -> tuple[int, float]:
        """SIGTERM, wait for the end, start anew; the exit code and the seconds it took to end."""
        begin = time.monotonic()
        code = self.server.stop()
        seconds = time.monotonic() - begin
        self.start()
        return code, seconds


class Endpoints(Repeating):
    """The replicas that were ready when they were last asked, once a second."""

    def __init__(self, replicas: list[Replica]) -> None:
        self._replicas = replicas
        super().__init__(self._ask, POLL_INTERVAL)
        self._ask()

    def pick(self) -> Replica | None:
        ready = self.ready
        return random.choice(ready) if ready else None

    def _ask(self) -> None:
        self.ready = [replica for replica in self._replicas if replica.server.is_ready()]
