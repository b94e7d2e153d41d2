# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""nginx: tuned, with and without `sendfile`, and as the original shipped it.

With `sendfile`, nginx 1.22 spends more than twice as much CPU time on a module over HTTP/2 as with large buffers, and
answers small files over HTTP/2 only after the client's delayed acknowledgement (40 ms). Both ways are measured, so that
we are not compared with a weak choice.
"""

import signal
import string
import subprocess
from pathlib import Path
from typing import Self

from verification.clients import http1
from verification.clients.sockets import LOOPBACK
from verification.programs import VerificationError, program_path
from verification.server.process import PROBE_LIMIT, START_LIMIT, Server, free_ports, is_listening
from verification.threads import seconds_until

SENDFILE = "sendfile on"
BUFFERED = "sendfile off;\n    output_buffers 2 512k"


class Nginx(Server):
    """nginx with one of the configurations beside this file; its stop signal is SIGQUIT, which lets downloads finish."""

    stop_signal = signal.SIGQUIT

    def __init__(
        self, name: str, configuration: str, work: Path, root: Path, host: str, ports: dict[str, int], way: str = ""
    ) -> None:
        self.name, self._errors = name, work / "error.log"
        work.mkdir()
        template = string.Template(Path(__file__).with_name(configuration).read_text())
        (work / "nginx.conf").write_text(template.safe_substitute(ports, work=work, root=root, host=host, way=way))
        command = [program_path("nginx", "bench"), "-p", work, "-e", self._errors, "-c", work / "nginx.conf"]
        super().__init__(command, host, stderr=subprocess.DEVNULL)
        self.ports = ports

    @classmethod
    def tuned(cls, name: str, way: str, work: Path, root: Path) -> Self:
        return cls(name, "nginx-tuned.conf", work, root, LOOPBACK, dict(zip(("h1", "h2c"), free_ports(2), strict=True)), way)

    @classmethod
    def original(cls, work: Path, root: Path, port: int, host: str = LOOPBACK) -> Self:
        return cls("original", "nginx-original.conf", work, root, host, {"h1": port})

    def is_ready(self) -> bool:
        return http1.succeeds(self.ports["h1"], "/health", self.host, PROBE_LIMIT)

    def await_ready(self) -> Self:
        """Waits until it listens."""
        try:
            if seconds_until(self._is_listening, START_LIMIT) is None:
                raise VerificationError(f"{self.name} did not listen within {START_LIMIT:.0f} s{self.log_tail()}")
        except BaseException:
            self.kill()
            raise
        return self

    def _is_listening(self) -> bool:
        """On every port; it is an error if it has ended."""
        return bool(self.members()) and all(is_listening(self.host, port) for port in self.ports.values())

    def log_tail(self) -> str:
        lines = self._errors.read_text().splitlines() if self._errors.exists() else []
        return "".join(f"\n    {line}" for line in lines[-5:])
