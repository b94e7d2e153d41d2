# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The cases, the load that h2load makes for them, and what it costs a server."""

import hashlib
import http.client
import re
import subprocess
import time
import urllib.request
from dataclasses import dataclass

from bench import processes
from bench.errors import BenchmarkError
from bench.servers import Server

CONNECTIONS = 4
SETTLE = 0.05
TRIAL_SECONDS = 0.2
LOAD_LIMIT = 120.0
FEWEST_REQUESTS, MOST_REQUESTS = 20, 2_000_000


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


def measure(server: Server, case: Case, requests: int, size: int) -> Sample:
    """CPU time and throughput of a server for exactly this many good answers."""
    pids = server.members()
    before = processes.cpu_nanoseconds(pids)
    rate = load(server, case, requests, size)
    time.sleep(SETTLE)  # closing the connections and writing the log belong to the work
    after = processes.cpu_nanoseconds(pids)
    if server.members() != pids:
        raise BenchmarkError(f"{server.name}: its processes changed during {case.name}{server.last_words()}")
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
    command = ["h2load", "-t", "1", "-c", str(CONNECTIONS), "-n", str(requests)]
    command += ["--h1"] if case.protocol == "h1" else []
    command += ["-H", "connection: close"] if case.new_connection else []  # h2load then connects again by itself
    command += [server.url(case.protocol, "/" + case.file)]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=LOAD_LIMIT)
    except subprocess.TimeoutExpired as error:
        raise BenchmarkError(f"{server.name}: {case.name} took longer than {LOAD_LIMIT:.0f} s") from error
    return _rate_if_all_good(run.stdout, f"{server.name}: {case.name}", requests, size)


def _rate_if_all_good(output: str, where: str, requests: int, size: int) -> float:
    expected = [
        (rf"requests: {requests} total, .* {requests} succeeded, 0 failed, 0 errored, 0 timeout", "a request failed"),
        (rf"status codes: {requests} 2xx", "an answer was not 2xx"),
        (rf"\({requests * size}\) data", f"the bodies are not {requests} times {size} bytes"),
    ]
    for pattern, problem in expected:
        if not re.search(pattern, output):
            raise BenchmarkError(f"{where}: {problem}; h2load said:\n{output.strip()}")
    return float(re.search(r"([\d.]+) req/s", output)[1])


def check_bytes(server: Server, digest: str) -> None:
    """The module and the announced sha256 must be right, on every protocol that is measured."""
    for protocol in server.ports:
        body = _fetch(server, protocol, "/plugin.wasm")
        announced = _fetch(server, protocol, "/plugin.wasm.sha256").decode(errors="replace")
        if (got := hashlib.sha256(body).hexdigest()) != digest:
            raise BenchmarkError(f"{server.name} over {protocol}: {len(body)} bytes with sha256 {got}, not {digest}")
        if announced != digest + "\n":
            raise BenchmarkError(f"{server.name} over {protocol}: announced {announced!r}, not {digest}")


def _fetch(server: Server, protocol: str, path: str) -> bytes:
    url = server.url(protocol, path)
    try:
        if protocol == "h1":
            direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            return direct.open(url, timeout=10).read()
        return subprocess.run(["nghttp", url], capture_output=True, timeout=10, check=True).stdout
    except (OSError, http.client.HTTPException, subprocess.SubprocessError) as error:
        raise BenchmarkError(f"{server.name}: GET {path} over {protocol}: {error!r}{server.last_words()}") from error
