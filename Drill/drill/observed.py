# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What a row sees of a server while it runs: memory and descriptors, and how late changes are announced."""

import statistics
import threading
import time

from harness import http1, kernel
from harness.server import WasmServer


class Samples:
    """Memory and descriptors of the server, in parts of the time."""

    def __init__(self, server: WasmServer) -> None:
        self.parts: list[list[tuple[float, float, int]]] = [[]]
        self._pid = server.pid

    def take(self) -> None:
        memory = kernel.memory(self._pid)
        self.parts[-1].append((memory.rss, memory.anon, kernel.descriptors(self._pid)))

    def median(self, part: int) -> tuple[float, float, float]:
        return tuple(statistics.median(each) for each in zip(*self.parts[part]))


class Updates:
    """When what was written last was announced, or something that was written after it."""

    def __init__(self, port: int, name: str) -> None:
        self.latest = 0.0
        self._port, self._name, self._lock = port, name, threading.Lock()
        self._written: list[tuple[str, float]] = []

    def write(self, digest: str) -> None:
        with self._lock:
            self._written.append((digest, time.monotonic()))

    def look(self) -> None:
        response = http1.get(self._port, f"/{self._name}.wasm.sha256")
        announced, now = response.body.decode().strip() if response else "", time.monotonic()
        with self._lock:
            digests = [digest for digest, _ in self._written]
            done = digests.index(announced) + 1 if announced in digests else 0
            self.latest = max(self.latest, *(now - since for _, since in self._written), 0.0)
            del self._written[:done]
