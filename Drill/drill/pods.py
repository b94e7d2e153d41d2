# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Replicas, each at an address of its own, as a Deployment starts and ends them."""

import signal
import subprocess
from pathlib import Path

from bench import nginx
from harness import probes
from harness.errors import AttackError
from harness.process_group import kill_group
from harness.server import WasmServer

PROBE_LIMIT = 1.0


class Pod:
    """A replica from its start to its end; `goodbye` is the signal that the kubelet sends first."""

    goodbye = signal.SIGTERM

    def __init__(self, address: str, process: subprocess.Popen) -> None:
        self.address, self.process = address, process

    def is_ready(self) -> bool:
        raise NotImplementedError

    def last_words(self) -> str:
        return ""

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def end(self) -> None:
        self.process.send_signal(self.goodbye)

    def kill(self) -> None:
        kill_group(self.process)


class WasmServerPod(Pod):
    def __init__(self, binary: Path, source: Path, address: str, ports: tuple[int, int], flags: list[str]) -> None:
        port, self._operations = ports
        self._server = WasmServer(
            binary, [source], *flags, host=address, port=port, operations_port=self._operations
        )
        super().__init__(address, self._server.process)

    def is_ready(self) -> bool:
        return probes.succeeds(self._operations, "/readyz", self.address, PROBE_LIMIT)

    def last_words(self) -> str:
        return self._server.last_words()


class NginxPod(Pod):
    """As the original's image runs it: its stop signal is SIGQUIT, which lets downloads under way finish."""

    goodbye = signal.SIGQUIT

    def __init__(self, binary: str, root: Path, address: str, port: int, work: Path) -> None:
        self._port, self._errors = port, work / "error.log"
        work.mkdir()
        (work / "nginx.conf").write_text(nginx.original(work, root, {"h1": port}, address))
        command = [binary, "-p", str(work), "-e", str(self._errors), "-c", str(work / "nginx.conf")]
        output = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        super().__init__(address, subprocess.Popen(command, start_new_session=True, **output))

    def is_ready(self) -> bool:
        return probes.succeeds(self._port, "/health", self.address, PROBE_LIMIT)

    def last_words(self) -> str:
        return f"\n    {self._errors.read_text().strip()}" if self._errors.exists() else ""


def require_alive(pod: Pod) -> None:
    if pod.has_ended():
        raise AttackError(f"{pod.address} ended with {pod.process.returncode}:{pod.last_words()}")
