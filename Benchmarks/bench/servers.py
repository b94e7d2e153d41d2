# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The servers that are compared, each in a process group of its own, so that its workers are counted with it."""

import fcntl
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from bench import nginx, processes
from bench.errors import BenchmarkError

START_LIMIT = 30.0
STOP_LIMIT = 10.0
PIPE_BYTES = 1 << 20
DRAIN_PAUSE = 0.01


class Server:
    """A running server; leaving its `with` block stops it and everything it started."""

    def __init__(self, name: str, command: list[str], **popen) -> None:
        self.name = name
        self.ports: dict[str, int] = {}
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True, **popen
        )

    def url(self, protocol: str, path: str) -> str:
        return f"http://127.0.0.1:{self.ports[protocol]}{path}"

    def members(self) -> frozenset[int]:
        """The server's processes; it is an error if there are none."""
        found = processes.members(self.process.pid)
        if self.process.poll() is not None or not found:
            raise BenchmarkError(f"{self.name} ended by itself, exit code {self.process.returncode}{self.last_words()}")
        return found

    def last_words(self) -> str:
        return ""

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(STOP_LIMIT)
            stopped = True
        except subprocess.TimeoutExpired:
            stopped = False
        if processes.members(self.process.pid):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if not stopped:
            print(f"{self.name} did not stop within {STOP_LIMIT:.0f} s of SIGTERM and was killed", file=sys.stderr)


class WasmServer(Server):
    """Our server, with its access log on; its log is read until it is ready and then counted and dropped."""

    def __init__(self, binary: Path, module: Path) -> None:
        begin = time.perf_counter()
        options = "--host 127.0.0.1 --port 0 --operations-port 0 --log-format json --log-level info"
        super().__init__("ours", [str(binary), "serve", *options.split(), str(module)], stderr=subprocess.PIPE)
        self.log_lines = 0
        self._lines: list[str] = []
        try:
            fcntl.fcntl(self.process.stderr, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
            port = self._await_ready(begin + START_LIMIT)
        except BaseException:
            self.__exit__()
            raise
        self.start_milliseconds = (time.perf_counter() - begin) * 1000
        self.ports = {"h1": port, "h2c": port}
        threading.Thread(target=self._drain, daemon=True).start()

    def last_words(self) -> str:
        return "".join(f"\n    {line}" for line in self._lines[-5:] if line.strip())

    def _await_ready(self, deadline: float) -> int:
        """Reads the log up to `ready`; returns the data port."""
        pending, port, pipe = b"", None, self.process.stderr.fileno()
        while select.select([pipe], [], [], max(0, deadline - time.perf_counter()))[0]:
            if not (chunk := os.read(pipe, 65536)):
                raise BenchmarkError(f"ours closed its log, or ended, before it was ready{self.last_words()}")
            *lines, pending = (pending + chunk).split(b"\n")
            for line in lines:
                self._lines.append(line.decode(errors="replace"))
                event = _json_object(line)
                if event.get("message") == "listening" and event.get("listener") == "data":
                    port = int(event["address"].rpartition(":")[2])
                if event.get("message") == "ready" and port:
                    return port
        raise BenchmarkError(f"ours was not ready within {START_LIMIT:.0f} s{self.last_words()}")

    def _drain(self) -> None:
        """Keeps the pipe from filling up, in few large reads, so as not to compete for the processor."""
        while chunk := os.read(self.process.stderr.fileno(), PIPE_BYTES):
            self.log_lines += chunk.count(b"\n")
            self._lines = chunk.decode(errors="replace").splitlines()[-5:]
            time.sleep(DRAIN_PAUSE)


class Nginx(Server):
    """nginx with one of the configurations of `bench.nginx`."""

    def __init__(self, name: str, binary: str, work: Path, configuration: str, ports: dict[str, int]) -> None:
        work.mkdir()
        self._errors = work / "error.log"
        (work / "nginx.conf").write_text(configuration)
        super().__init__(
            name, [binary, "-p", str(work), "-e", str(self._errors), "-c", str(work / "nginx.conf")],
            stderr=subprocess.DEVNULL,
        )
        self.ports = ports
        try:
            self._await_listeners(time.perf_counter() + START_LIMIT)
        except BaseException:
            self.__exit__()
            raise

    @classmethod
    def tuned(cls, binary: str, work: Path, root: Path) -> "Nginx":
        return cls._tuned("nginx", nginx.SENDFILE, binary, work, root)

    @classmethod
    def buffered(cls, binary: str, work: Path, root: Path) -> "Nginx":
        return cls._tuned("buffered", nginx.BUFFERED, binary, work, root)

    @classmethod
    def original(cls, binary: str, work: Path, root: Path) -> "Nginx":
        ports = {"h1": _free_port()}
        return cls("original", binary, work, nginx.original(work, root, ports), ports)

    @classmethod
    def _tuned(cls, name: str, way: str, binary: str, work: Path, root: Path) -> "Nginx":
        ports = {"h1": _free_port(), "h2c": _free_port()}
        return cls(name, binary, work, nginx.tuned(way, work, root, ports), ports)

    def last_words(self) -> str:
        lines = self._errors.read_text().splitlines() if self._errors.exists() else []
        return "".join(f"\n    {line}" for line in lines[-5:])

    def _await_listeners(self, deadline: float) -> None:
        waiting = list(self.ports.values())
        while waiting:
            self.members()
            if time.perf_counter() > deadline:
                raise BenchmarkError(f"{self.name} did not listen within {START_LIMIT:.0f} s{self.last_words()}")
            waiting = [port for port in waiting if not _answers(port)]
            time.sleep(0.05)


def _json_object(line: bytes) -> dict:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
