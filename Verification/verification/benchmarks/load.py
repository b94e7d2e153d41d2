# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The cases, the load that h2load makes for them, and what it costs a server."""

import fcntl
import os
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from verification.clients import http1
from verification.programs import VerificationError, run
from verification.server import kernel
from verification.server.process import Server, WasmServer
from verification.sources.module import digest_of

CONNECTIONS = 4
SETTLE = 0.05
TRIAL_SECONDS = 0.2
LOAD_LIMIT = 120.0
FEWEST_REQUESTS, MOST_REQUESTS = 20, 2_000_000
PIPE_BYTES = 1 << 20
DRAIN_PAUSE = 0.01


class LoggingServer(WasmServer):
    """Ours, with its access log on; the log is read until it is ready and then counted and dropped."""

    def __init__(self, binary: Path, module: Path) -> None:
        self.log_lines = 0
        super().__init__(binary, [module], "--log-level", "info")

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
class Case:
    """One kind of request; `target` is the largest CPU time, as a share of nginx's, that we set ourselves."""

    name: str
    file: str
    protocol: str
    target: float | None = None
    new_connection: bool = False

    @property
    def is_module(self) -> bool:
        return self.file == "plugin.wasm"


CASES = [
    Case("small-h1", "plugin.wasm.sha256", "h1", target=1.00),
    Case("module-h1", "plugin.wasm", "h1", target=0.90),
    Case("module-h2c", "plugin.wasm", "h2c", target=0.80),
    Case("small-h2c", "plugin.wasm.sha256", "h2c"),
    Case("small-h1-new-connection", "plugin.wasm.sha256", "h1", new_connection=True),
    Case("module-h1-new-connection", "plugin.wasm", "h1", new_connection=True),
]


@dataclass(frozen=True)
class Sample:
    """One server under one load."""

    requests: int
    cpu_microseconds: float  # of each request
    requests_per_second: float


def port_of(server: Server, protocol: str) -> int | None:
    """Ours speaks both on one port."""
    return server.ports.get(protocol) or server.ports.get("data")


def measure(server: Server, case: Case, requests: int, size: int) -> Sample:
    """CPU time and throughput of a server for exactly this many good answers."""
    pids = server.members()
    try:
        before = kernel.cpu_nanoseconds(pids)
        rate = load(server, case, requests, size)
        time.sleep(SETTLE)  # closing the connections and writing the log belong to the work
        after = kernel.cpu_nanoseconds(pids)
    except OSError as error:
        raise VerificationError("a server process ended while it was measured") from error
    if server.members() != pids:
        raise VerificationError(f"{server.name}: its processes changed during {case.name}{server.log_tail()}")
    return Sample(requests, (after - before) / requests / 1000, rate)


def requests_for(server: Server, case: Case, size: int, seconds: float) -> int:
    """How many requests take this server about this long; finding out also warms it up."""
    trial = FEWEST_REQUESTS
    while True:
        rate = load(server, case, trial, size)
        if trial / rate >= TRIAL_SECONDS or trial == MOST_REQUESTS:
            return min(max(int(seconds * rate), FEWEST_REQUESTS), MOST_REQUESTS)
        trial = min(trial * 5, MOST_REQUESTS)


def load(server: Server, case: Case, requests: int, size: int) -> float:
    """Runs h2load; returns requests per second, or raises when one answer was not a complete 2xx."""
    command = ["h2load", "-t", "1", "-c", CONNECTIONS, "-n", requests]
    command += ["--h1"] if case.protocol == "h1" else []
    command += ["-H", "connection: close"] if case.new_connection else []  # h2load then connects again by itself
    try:
        done = run(*command, _url(server, case.protocol, f"/{case.file}"), timeout=LOAD_LIMIT)
    except subprocess.TimeoutExpired as error:
        raise VerificationError(f"{server.name}: {case.name} took longer than {LOAD_LIMIT:.0f} s") from error
    return _rate_if_all_good(done.stdout, f"{server.name}: {case.name}", requests, size)


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


def check_bytes(server: Server, digest: str) -> None:
    """The module and the announced sha256 must be right, on every protocol that is measured."""
    for protocol in ("h1", "h2c"):
        if not port_of(server, protocol):
            continue
        where = f"{server.name} over {protocol}"
        body, announced = (_fetch(server, protocol, path) for path in ("/plugin.wasm", "/plugin.wasm.sha256"))
        if (got := digest_of(body)) != digest:
            raise VerificationError(f"{where}: {len(body)} bytes with sha256 {got}, not {digest}")
        if announced != f"{digest}\n".encode():
            raise VerificationError(f"{where}: announced {announced!r}, not {digest}")


def _url(server: Server, protocol: str, path: str) -> str:
    return f"http://127.0.0.1:{port_of(server, protocol)}{path}"


def _fetch(server: Server, protocol: str, path: str) -> bytes:
    where = f"{server.name}: GET {path} over {protocol}"
    try:
        if protocol == "h2c":
            return subprocess.run(["nghttp", _url(server, protocol, path)], capture_output=True, timeout=10, check=True).stdout
        response = http1.get(port_of(server, protocol), path)
    except (OSError, subprocess.SubprocessError) as error:
        raise VerificationError(f"{where}: {error!r}{server.log_tail()}") from error
    if response is None or response.status != 200:
        raise VerificationError(f"{where}: {http1.status_of(response)}{server.log_tail()}")
    return response.body
