# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Replicas behind a Service: fixed ports, and a view of who is ready that lags behind as endpoints do."""

import random
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path

from harness import probes
from harness.repeating import Repeating
from harness.server import WasmServer
from harness.tls import Pair

POLL_INTERVAL = 1.0
PROBE_LIMIT = 1.0


def free_ports(count: int, hosts: tuple[str, ...] = (probes.LOOPBACK,)) -> list[int]:
    """Ports that are free now at each of these addresses, below those that the kernel gives to connections."""
    found = []
    candidates = random.sample(range(20_000, 32_000), 1000)
    for port in candidates:
        if all(_is_free(host, port) for host in hosts):
            found.append(port)
        if len(found) == count:
            break
    return found


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) != 0


@dataclass
class Replica:
    """One server after another on the same ports."""

    binary: Path
    source: Path
    pair: Pair | None
    ports: list[int] = field(default_factory=lambda: free_ports(3))
    server: WasmServer | None = None

    def start(self) -> None:
        data, operations, tls = self.ports
        flags = ["--tls-certificate", self.pair.certificate, "--tls-key", self.pair.key] if self.pair else []
        flags += ["--tls-port", str(tls)] if self.pair else []
        self.server = WasmServer(
            self.binary, [self.source], *flags, port=data, operations_port=operations
        ).await_ready()

    def restart(self) -> tuple[int, float]:
        """SIGTERM, wait for the end, start anew; the exit code and the seconds it took to end."""
        begin = time.monotonic()
        code = self.server.stop()
        seconds = time.monotonic() - begin
        self.start()
        return code, seconds

    def is_ready(self) -> bool:
        return probes.succeeds(self.ports[1], "/readyz", limit=PROBE_LIMIT)


class Endpoints(Repeating):
    """The replicas that were ready when they were last asked, once a second."""

    def __init__(self, replicas: list[Replica]) -> None:
        self._replicas = replicas
        self.ready = [replica for replica in replicas if replica.is_ready()]
        super().__init__(self._ask, POLL_INTERVAL)

    def pick(self) -> Replica | None:
        ready = self.ready
        return random.choice(ready) if ready else None

    def _ask(self) -> None:
        self.ready = [replica for replica in self._replicas if replica.is_ready()]
