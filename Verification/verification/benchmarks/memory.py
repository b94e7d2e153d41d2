# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Memory: of a server that is idle, of connections that are, and of a herd of clients that all come at once."""

import json
import subprocess
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from verification.benchmarks.case import MODULE, SMALL, Case
from verification.benchmarks.contestants import Contest
from verification.benchmarks.load import SETTLE, Loads
from verification.programs import VerificationError, kill_group, start
from verification.server import kernel
from verification.server.process import Server

IDLE = 0.5
WARM_UP = 16
SAMPLE_INTERVAL = 0.02
ANSWER_LIMIT = 60.0


@dataclass(frozen=True)
class Herd:
    """How a herd was served: until the last client had all, and what the server and the client took for it."""

    seconds: float
    cpu_milliseconds: float
    client_cpu_milliseconds: float
    peak_anon_kib: int
    failed: int
    reason: str


def idle(contest: Contest, name: str) -> dict[str, int]:
    """Its memory in KiB, when it has served nothing yet."""
    with contest.start(name) as server:
        time.sleep(IDLE)
        return kernel.memory_kib(server.members())


def per_connection(contest: Contest, loads: Loads, name: str, protocol: str, count: int) -> float:
    """The bytes that a server has for each of many connections that have asked once and are kept."""
    case = Case(protocol, SMALL)
    with contest.start(name) as server:
        loads.run(server, Case(protocol, SMALL, has_connection_each=True), WARM_UP)
        time.sleep(IDLE)
        before = _anon_kib(server.members())
        client = start(
            *loads.client(server, case, count, count, "--hold"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            said = _line_of(client)
            if said["failed"]:
                raise VerificationError(f"{name}: of {count} connections that are held {said['failed']} failed: {said['reason']}")
            time.sleep(IDLE)
            after = _anon_kib(server.members())
            client.stdin.close()
            if client.wait(ANSWER_LIMIT) != 0:
                raise VerificationError(f"{name} closed a connection that was held")
        finally:
            kill_group(client)
    return (after - before) * 1024 / count


def herd(contest: Contest, loads: Loads, name: str, protocol: str, clients: int) -> Herd:
    """So many clients connect at once, and each fetches the module."""
    case = Case(protocol, MODULE, has_connection_each=True)
    with contest.start(name) as server:
        loads.run(server, case, WARM_UP)
        pids = server.members()
        with _Peak(server) as peak:
            before = kernel.cpu_nanoseconds(pids)
            visit = loads.visit(server, case, clients, clients)
            time.sleep(SETTLE)
            cpu = kernel.cpu_nanoseconds(server.members()) - before
    return Herd(visit.seconds, cpu / 1e6, visit.cpu_seconds * 1e3, peak.kib, visit.failed, visit.reason)


class _Peak:
    """The most anonymous memory that a server has while the `with` block lasts."""

    def __init__(self, server: Server) -> None:
        self.kib = 0
        self._pids, self._ended = server.members(), threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        with suppress(OSError):  # it has ended, which the load says
            while not self._ended.wait(SAMPLE_INTERVAL):
                self.kib = max(self.kib, _anon_kib(self._pids))

    def __enter__(self) -> "_Peak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()


def _anon_kib(pids: Iterable[int]) -> int:
    return sum(round(kernel.memory(pid).anon * 1e6) >> 10 for pid in pids)


def _line_of(client: subprocess.Popen) -> dict:
    try:
        return json.loads(client.stdout.readline())
    except ValueError as error:
        raise VerificationError("the client ended without a word") from error
