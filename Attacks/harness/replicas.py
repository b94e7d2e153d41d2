# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Replicas behind a Service: fixed ports, and a view of who is ready that lags behind as endpoints do."""

import http.client
import random
import socket
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from harness.server import WasmServer
from harness.tls import Pair

POLL_INTERVAL = 1.0
PROBE_LIMIT = 1.0


def free_ports(count: int) -> list[int]:
    """Ports that are free now, below those that the kernel gives to connections."""
    found = []
    candidates = random.sample(range(20_000, 32_000), 1000)
    for port in candidates:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                found.append(port)
        if len(found) == count:
            break
    return found


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
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[1], timeout=PROBE_LIMIT)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


class Endpoints:
    """The replicas that were ready when they were last asked, once a second."""

    def __init__(self, replicas: list[Replica]) -> None:
        self._replicas = replicas
        self.ready = [replica for replica in replicas if replica.is_ready()]
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._poll, daemon=True)

    def pick(self) -> Replica | None:
        ready = self.ready
        return random.choice(ready) if ready else None

    def _poll(self) -> None:
        while not self._ended.wait(POLL_INTERVAL):
            self.ready = [replica for replica in self._replicas if replica.is_ready()]

    def __enter__(self) -> "Endpoints":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
