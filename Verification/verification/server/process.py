# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A server that runs, in a process group of its own, so that whatever it starts is counted and ended with it."""

import json
import os
import random
import resource
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Self

from verification.clients import http1
from verification.clients.http1 import Response, status_of
from verification.clients.sockets import LOOPBACK
from verification.programs import VerificationError, kill_group, start
from verification.server import kernel

START_LIMIT = 30.0
STOP_LIMIT = 60.0
PROBE_LIMIT = 1.0
KEPT_LINES = 200


class Server:
    """A running server; leaving its `with` block kills it and everything it started.

    `stop_signal` is the signal that the kubelet sends first.
    """

    name = ""
    stop_signal = signal.SIGTERM

    def __init__(self, command: list[object], host: str, **popen: object) -> None:
        self.host = host
        self.ports: dict[str, int] = {}
        self.begun = time.perf_counter()
        self.process = start(*command, stdout=subprocess.DEVNULL, **popen)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def members(self) -> frozenset[int]:
        """The server's processes; it is an error if there are none."""
        found = kernel.members(self.pid)
        if not self.is_running or not found:
            raise VerificationError(f"{self.name} ended by itself, exit code {self.process.returncode}{self.log_tail()}")
        return found

    def is_ready(self) -> bool:
        raise NotImplementedError

    def await_ready(self) -> Self:
        raise NotImplementedError

    def log_tail(self) -> str:
        return ""

    def request_stop(self) -> None:
        self.process.send_signal(self.stop_signal)

    def stop(self) -> int:
        """Asks it to end; returns the exit code, or -SIGKILL when the server had to be killed."""
        self.request_stop()
        try:
            return self.process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self.kill()
            return -signal.SIGKILL

    def kill(self) -> None:
        kill_group(self.process)

    def __enter__(self) -> Self:
        return self.await_ready()

    def __exit__(self, *_: object) -> None:
        self.kill()


class WasmServer(Server):
    """Ours; it is told nothing but by its flags."""

    name = "ours"

    def __init__(
        self,
        binary: Path,
        sources: list[Path],
        *flags: str,
        host: str = LOOPBACK,
        ports: tuple[int, int] = (0, 0),
        wrapper: tuple[str, ...] = (),
        open_files: int | None = None,
    ) -> None:
        options = f"--host {host} --port {ports[0]} --operations-port {ports[1]} --log-format json".split()
        limits = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files))) if open_files else None
        self.events: list[dict] = []
        self.access_warnings = 0
        self.start_milliseconds = 0.0
        self.is_started = threading.Event()
        super().__init__(
            [*wrapper, binary, "serve", *options, *flags, *sources],
            host,
            stderr=subprocess.PIPE,
            env={name: value for name, value in os.environ.items() if not name.startswith("WASM_SERVER_")},
            preexec_fn=limits,
        )
        threading.Thread(target=self._read_log, daemon=True).start()

    def await_ready(self) -> Self:
        """Waits for `ready`, or for the words that stand in for it when a module was refused."""
        self.is_started.wait(START_LIMIT)
        if self.is_running and self.ports.keys() >= {"data", "operations"}:
            return self
        self.kill()
        raise VerificationError(f"the server did not start:{self.log_tail()}")

    def is_ready(self) -> bool:
        """Whether it says so to a probe."""
        return "operations" in self.ports and http1.succeeds(self.ports["operations"], "/readyz", self.host, PROBE_LIMIT)

    @property
    def port(self) -> int:
        return self.ports["data"]

    def get(self, path: str, *fields: str, **more: object) -> Response | None:
        return http1.get(self.port, path, *fields, host=self.host, **more)

    def status(self, path: str, *fields: str) -> int | None:
        """What it answers with; none if there is no answer."""
        return status_of(self.get(path, *fields))

    def serves(self, path: str, content: bytes, **more: object) -> bool:
        """Whether it answers with all of this, and nothing else."""
        response = self.get(path, **more)
        return response is not None and response.status == 200 and response.body == content

    def operations(self, path: str) -> str:
        """What the port of operations answers."""
        response = http1.get(self.ports["operations"], path, host=self.host)
        return response.text if response else ""

    def fleet(self) -> dict:
        """Who has fetched what, as it tells."""
        return json.loads(self.operations("/fleet"))

    def by_digest(self, digest: str) -> Response | None:
        return self.get(f"/sha256/{digest}.wasm")

    def announced(self, path: str = "/plugin.wasm") -> str:
        """The digest of a path; none if there is no answer."""
        response = self.get(f"{path}.sha256")
        return response.text if response else ""

    def listing(self) -> dict:
        response = self.get("/modules")
        return response.json() if response else {"modules": []}

    def modules(self, state: str = "current") -> list[dict]:
        """What is listed in this state."""
        return [module for module in self.listing()["modules"] if module.get("state") == state]

    @property
    def rejected(self) -> int:
        return self.listing().get("rejectedCount", -1)

    def metrics(self) -> dict[str, float]:
        """Each sample by its name with its labels, as it is written."""
        lines = self.operations("/metrics").splitlines()
        samples = (line.rpartition(" ") for line in lines if line and not line.startswith("#"))
        return {name: float(value) for name, _, value in samples}

    def has_said(self, *words: str) -> bool:
        """Whether one line of the log has all of these words."""
        return any(all(word in json.dumps(event) for word in words) for event in list(self.events))

    def says_of(self, message: str) -> list[dict]:
        """The lines of the log that have this message."""
        return [event for event in list(self.events) if event.get("message") == message]

    def reload(self) -> None:
        """Has it look at its sources at once."""
        self.process.send_signal(signal.SIGHUP)

    def cpu_share(self, seconds: float) -> float:
        """The share of one core that the server takes for so long."""
        before, begin = kernel.cpu_seconds(self.pid), time.monotonic()
        time.sleep(seconds)
        return (kernel.cpu_seconds(self.pid) - before) / (time.monotonic() - begin)

    def anon(self) -> float:
        """Its own memory, in MB."""
        return kernel.memory(self.pid).anon

    def log_tail(self) -> str:
        return "".join(f"\n    {json.dumps(event)}" for event in self.events[-5:])

    def _read_log(self) -> None:
        with self.process.stderr as log:
            for line in log:
                self._note(line)
        self.is_started.set()

    def _note(self, line: bytes) -> None:
        if b'"message":"access"' in line:
            self.access_warnings += b'"level":"warning"' in line
            return
        try:
            event = json.loads(line)
        except ValueError:
            event = {"message": line.decode(errors="replace").strip()}
        self.events.append(event)
        del self.events[:-KEPT_LINES]
        if event.get("message") == "listening":
            self.ports[event["listener"]] = int(event["address"].rpartition(":")[2])
        if event.get("message") in ("ready", "serving, but not ready"):
            self.start_milliseconds = (time.perf_counter() - self.begun) * 1000
            self.is_started.set()


def is_listening(host: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


def free_ports(count: int, hosts: tuple[str, ...] = (LOOPBACK,)) -> list[int]:
    """Ports that are free now at each of these addresses, below those that the kernel gives to connections."""
    found = []
    for port in random.sample(range(20_000, 32_000), 1000):
        if not any(is_listening(host, port) for host in hosts):
            found.append(port)
        if len(found) == count:
            break
    return found
