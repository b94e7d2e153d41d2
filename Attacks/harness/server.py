# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The server under attack."""

import functools
import json
import resource
import signal
import subprocess
import threading
import time
from pathlib import Path

from harness import kernel
from harness.errors import AttackError
from harness.process_group import kill_group

START_LIMIT = 30.0
STOP_LIMIT = 60.0
KEPT_LINES = 200


@functools.cache
def flags_of(binary: Path) -> str:
    """What `serve --help` says: features land one after another, and a row says which one it misses."""
    return subprocess.run([binary, "serve", "--help"], capture_output=True, text=True, timeout=20).stdout


def supports(binary: Path, flag: str) -> bool:
    return f"[{flag} " in flags_of(binary).replace("\n", " ") or f"{flag} <" in flags_of(binary)


class WasmServer:
    """A running server; leaving its `with` block stops it."""

    def __init__(
        self,
        binary: Path,
        sources: list[Path],
        *flags: str,
        host: str = "127.0.0.1",
        port: int = 0,
        operations_port: int = 0,
        wrapper: tuple[str, ...] = (),
        open_files: int | None = None,
    ) -> None:
        options = f"--host {host} --port {port} --operations-port {operations_port} --log-format json".split()
        command = [*wrapper, str(binary), "serve", *options, *flags, *map(str, sources)]
        self.host = host
        self.ports: dict[str, int] = {}
        self.events: list[dict] = []
        self.access_warnings = 0
        self._ready = threading.Event()
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files)))
            if open_files
            else None,
        )
        self._log = threading.Thread(target=self._read_log, daemon=True)
        self._log.start()

    def await_ready(self) -> "WasmServer":
        """Waits for `ready`, or for the words that stand in for it when a module was refused."""
        self._ready.wait(START_LIMIT)
        if self.is_running and self.ports.keys() >= {"data", "operations"}:
            return self
        self.kill()
        raise AttackError(f"the server did not start:{self.last_words()}")

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def port(self) -> int:
        return self.ports["data"]

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> int:
        """SIGTERM; returns the exit code, or -SIGKILL when the server had to be killed."""
        self.process.terminate()
        try:
            return self.process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self.kill()
            return -signal.SIGKILL

    def kill(self) -> None:
        """Kills the server, and what it was started through."""
        kill_group(self.process)

    def cpu_share(self, seconds: float) -> float:
        """The share of one core that the server takes for so long."""
        before, begin = kernel.cpu_seconds(self.pid), time.monotonic()
        time.sleep(seconds)
        return (kernel.cpu_seconds(self.pid) - before) / (time.monotonic() - begin)

    def last_words(self) -> str:
        return "".join(f"\n    {json.dumps(event)}" for event in self.events[-5:])

    def _read_log(self) -> None:
        with self.process.stderr as log:
            for line in log:
                self._note(line)
        self._ready.set()

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
            self._ready.set()

    def __enter__(self) -> "WasmServer":
        return self.await_ready()

    def __exit__(self, *_: object) -> None:
        self.kill()
