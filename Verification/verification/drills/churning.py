# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A folder of modules, replicas and what is announced of them, all of which change every second."""

import itertools
import os
import random
import statistics
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from verification.clients.tls import Authority
from verification.fixture import Fixture
from verification.server import kernel
from verification.server.process import WasmServer, free_ports
from verification.sources.module import Module
from verification.sources.mounts import Rotation

STABLE, SIZES = 500, (2_000, 40_000)
LARGE, LARGE_SIZE = 3, 1_000_000
CHANGED = 5  # a second
SENTINEL = "sentinel"
HOSTS = ("127.0.0.1", "127.0.0.2", "127.0.0.3")  # of the server, and of its peers
RETAIN = 15  # seconds
OWN_SIZE = 3_000


class Churn:
    """Takes a step a second; after each, `sentinel` is what is announced as soon as the step was taken over."""

    def __init__(self, folder: Path) -> None:
        self.steps = 0
        self.names = [f"m{number}" for number in range(STABLE)]
        self.large = [f"large{number}" for number in range(LARGE)]
        self._folder, self._random, self._seed = folder, random.Random(1), 10_000
        for name in self.names:
            self._put(name, self._random.randint(*SIZES))
        for name in self.large:
            self._put(name, LARGE_SIZE)
        self.sentinel = self._put(SENTINEL, SIZES[0])
        self._passing: list[Path] = []

    def step(self) -> None:
        self.steps += 1
        for name in self._random.sample(self.names, CHANGED):
            self._put(name, self._random.randint(*SIZES), in_place=self._random.random() < 0.2)
        if self.steps % 10 == 0:
            self._put(self._random.choice(self.large), LARGE_SIZE)
        if self.steps % 20 == 0:
            self.settle()
        elif self.steps % 20 < 10:
            self._trouble()
        self.sentinel = self._put(SENTINEL, SIZES[0])

    def settle(self) -> None:
        """Takes away what is there for a while only."""
        for file in self._passing:
            file.unlink(missing_ok=True)
        self._passing.clear()

    def _trouble(self) -> None:
        """A reject, a link to a module, one to nothing, and a module that has another name each time."""
        reject, link, nowhere = (self._folder / f"{kind}{self.steps}.wasm" for kind in ("reject", "link", "nowhere"))
        reject.write_bytes(b"not a module")
        os.symlink(f"{self._random.choice(self.names)}.wasm", link)
        os.symlink("nothing.wasm", nowhere)
        moved = self._folder / f"moved{self.steps}.wasm"
        earlier = [file for file in self._passing if file.name.startswith("moved")]
        if earlier:
            earlier[0].rename(moved)
            self._passing.remove(earlier[0])
        else:
            Module.of(self.steps, SIZES[0]).write(moved)
        self._passing += [reject, link, nowhere, moved]

    def _put(self, name: str, size: int, in_place: bool = False) -> Module:
        """Another version, renamed over the one before or written in its place."""
        self._seed += 1
        module, file = Module.of(self._seed, size), self._folder / f"{name}.wasm"
        (module.write if in_place else module.replace)(file)
        return module


@dataclass
class Replicas:
    """The server that is watched, and its peers, which come and go."""

    fixture: Fixture
    source: Path
    rotation: Rotation
    authority: Authority
    ports: list[int] = field(default_factory=lambda: free_ports(3, HOSTS))
    peers: dict[str, WasmServer] = field(default_factory=dict)
    seeds: itertools.count = field(default_factory=lambda: itertools.count(5_000_000))

    def start(self, host: str, *sources: Path) -> WasmServer:
        plain, operations, secure = self.ports
        pair = self.rotation.pair if host == HOSTS[0] else self.authority.server_pair(self.fixture.work / "peers")
        flags = pair.flags(secure, peers_ca=self.authority.bundle)
        flags += [word for peer in HOSTS for word in ("--peers", f"{peer}:{secure}")]
        flags += ["--retain", f"{RETAIN}s", "--retain-memory", "64MiB", "--drain-delay", "1s"]
        all_sources = [self.source, *sources]
        return WasmServer(self.fixture.binary, all_sources, *flags, host=host, ports=(plain, operations)).await_ready()

    def restart_one(self) -> Module:
        """Starts one of the peers anew, with a module that nobody else has."""
        host = random.choice(HOSTS[1:])
        if server := self.peers.pop(host, None):
            server.stop()
        module = Module.of(next(self.seeds), OWN_SIZE)
        own = self.fixture.work / "own" / module.digest
        module.write(own / f"own{module.digest[:8]}.wasm")
        self.peers[host] = self.start(host, own)
        return module

    def end(self) -> None:
        for server in self.peers.values():
            server.kill()


class Samples:
    """Memory and descriptors of the server, in parts of the time."""

    def __init__(self, server: WasmServer) -> None:
        self.parts: list[list[tuple[float, float, int]]] = [[]]
        self._pid = server.pid

    def take(self) -> None:
        memory = kernel.memory(self._pid)
        self.parts[-1].append((memory.rss, memory.anon, kernel.descriptors(self._pid)))

    def median(self, part: int) -> tuple[float, ...]:
        return tuple(statistics.median(each) for each in zip(*self.parts[part], strict=True))


class Updates:
    """When what was written last was announced, or something that was written after it."""

    def __init__(self, server: WasmServer, name: str) -> None:
        self.latest = 0.0
        self._server, self._path, self._lock = server, f"/{name}.wasm", threading.Lock()
        self._written: list[tuple[str, float]] = []

    def write(self, digest: str) -> None:
        with self._lock:
            self._written.append((digest, time.monotonic()))

    def look(self) -> None:
        announced, now = self._server.announced(self._path), time.monotonic()
        with self._lock:
            digests = [digest for digest, _ in self._written]
            done = digests.index(announced) + 1 if announced in digests else 0
            self.latest = max(self.latest, *(now - since for _, since in self._written), 0.0)
            del self._written[:done]
