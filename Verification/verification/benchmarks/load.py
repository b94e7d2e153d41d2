# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Loads of exactly so many requests, of which every one must be answered well, and what they cost a server."""

import fcntl
import json
import os
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from verification.benchmarks.case import MODULE, Case
from verification.programs import VerificationError, run
from verification.server import kernel
from verification.server.process import Server, WasmServer

CONNECTIONS = 4
SETTLE = 0.05
TRIAL_SECONDS = 0.15
LOAD_LIMIT = 120.0
FEWEST_REQUESTS, MOST_REQUESTS = 20, 1_000_000
PIPE_BYTES = 1 << 20
DRAIN_PAUSE = 0.01
STEADY = 2.0  # times as long for modules on connections that are kept alive, which cost less until the kernel's buffers have grown
CIPHER = "TLS_AES_128_GCM_SHA256"  # each server would choose another of its own accord


class LoggingServer(WasmServer):
    """Ours, with its access log on; the log is read until it is ready and then counted and dropped."""

    def __init__(self, binary: Path, module: Path, *flags: str, **more: object) -> None:
        self.log_lines = 0
        super().__init__(binary, [module], "--log-level", "info", *flags, **more)

    def _read_log(self) -> None:
        """In few large reads, so as not to compete for the processor."""
        with self.process.stderr as log:
            fcntl.fcntl(log, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
            while not self.is_started.is_set() and (line := log.readline()):
                self._note(line)
            self.is_started.set()
            while chunk := os.read(log.fileno(), PIPE_BYTES):
                self.log_lines += chunk.count(b"\n")
                self.events = [{"message": line} for line in chunk.decode(errors="replace").splitlines()[-5:]]
                time.sleep(DRAIN_PAUSE)


@dataclass(frozen=True)
class Sample:
    """One server under one load."""

    requests: int
    cpu_microseconds: float  # of each request
    requests_per_second: float


@dataclass(frozen=True)
class Visit:
    """What our client says of the connections that it made."""

    requests: int
    failed: int
    reason: str
    seconds: float
    slowest: float
    cpu_seconds: float  # the client's own


def port_of(server: Server, case: Case) -> int | None:
    """A server has ports by protocol and file, by protocol, or one for both that are not encrypted."""
    names = (f"{case.protocol} {case.file}", case.protocol, "tls" if case.is_tls else "data")
    return next((server.ports[name] for name in names if name in server.ports), None)


class Loads:
    """h2load for connections that are kept alive; for a connection each our client, as h2load cannot make them of HTTP/2."""

    def __init__(self, root: Path, client: Path) -> None:
        self._root, self._client = root, client

    def run(self, server: Server, case: Case, requests: int) -> float:
        """Returns requests per second, or raises when one answer was not a complete 2xx."""
        where = f"{server.name}: {case.title}"
        try:
            if case.has_connection_each:
                visit = self.visit(server, case, requests, min(requests, CONNECTIONS))
                if visit.failed:
                    raise VerificationError(f"{where}: {visit.failed} of {requests} requests failed: {visit.reason}")
                return requests / visit.seconds
            output = run(*self._h2load(server, case, requests), timeout=LOAD_LIMIT).stdout
        except subprocess.TimeoutExpired as error:
            raise VerificationError(f"{where} took longer than {LOAD_LIMIT:.0f} s") from error
        return _rate_if_all_good(output, where, requests, (self._root / case.file).stat().st_size)

    def visit(self, server: Server, case: Case, requests: int, connections: int) -> Visit:
        """So many requests on a connection each, of which so many are there at once."""
        done = run(*self.client(server, case, requests, connections), timeout=LOAD_LIMIT)
        if done.returncode != 0:
            raise VerificationError(f"{server.name}: {case.title}: the client failed: {done.stderr}")
        return Visit(**json.loads(done.stdout))

    def client(self, server: Server, case: Case, requests: int, connections: int, *flags: str) -> list[str]:
        """The command."""
        flags += ("--h2",) * case.is_h2 + ("--tls",) * case.is_tls
        words = [self._client, *flags, port_of(server, case), f"/{case.file}", self._root / case.file, requests, connections]
        return [str(word) for word in words]

    def url(self, server: Server, case: Case) -> str:
        return f"http{'s' if case.is_tls else ''}://127.0.0.1:{port_of(server, case)}/{case.file}"

    def _h2load(self, server: Server, case: Case, requests: int) -> list[object]:
        command = ["h2load", "-t", "1", "-c", CONNECTIONS, "-n", requests, *(() if case.is_h2 else ("--h1",))]
        command += ["--tls13-ciphers", CIPHER] if case.is_tls else []
        return [*command, self.url(server, case)]


def measure(loads: Loads, server: Server, case: Case, requests: int) -> Sample:
    """CPU time and throughput of a server for exactly this many good answers."""
    pids = server.members()
    try:
        before = kernel.cpu_nanoseconds(pids)
        rate = loads.run(server, case, requests)
        time.sleep(SETTLE)  # closing the connections and writing the log belong to the work
        after = kernel.cpu_nanoseconds(pids)
    except OSError as error:
        raise VerificationError(f"{server.name}: a process ended during {case.title}{server.log_tail()}") from error
    if server.members() != pids:
        raise VerificationError(f"{server.name}: its processes changed during {case.title}{server.log_tail()}")
    return Sample(requests, (after - before) / requests / 1000, rate)


def requests_for(loads: Loads, server: Server, case: Case, seconds: float) -> int:
    """How many requests take this server about this long; finding out also warms it up."""
    seconds *= STEADY if case.file == MODULE and not case.has_connection_each else 1
    trial = FEWEST_REQUESTS
    while True:
        rate = loads.run(server, case, trial)
        if trial / rate >= min(TRIAL_SECONDS, seconds) / 2 or trial == MOST_REQUESTS:
            return min(max(int(seconds * rate), FEWEST_REQUESTS), MOST_REQUESTS)
        trial = min(int(TRIAL_SECONDS * rate) + trial, MOST_REQUESTS)


def _rate_if_all_good(output: str, where: str, requests: int, size: int) -> float:
    expected = [
        (rf"requests: {requests} total, .* {requests} succeeded, 0 failed, 0 errored, 0 timeout", "a request failed"),
        (rf"status codes: {requests} 2xx", "an answer was not 2xx"),
        (rf"\({requests * size}\) data", f"the bodies are not {requests} times {size} bytes"),
    ]
    for pattern, problem in expected:
        if not re.search(pattern, output):
            raise VerificationError(f"{where}: {problem}; h2load said:\n{output.strip()}")
    return float(re.search(r"([\d.]+) req/s", output)[1])
