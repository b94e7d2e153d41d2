# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""nginx: tuned, with and without `sendfile`, and as the original shipped it.

With `sendfile`, nginx 1.22 spends more than twice as much CPU time on a module over HTTP/2 as with large buffers, and
answers small files over HTTP/2 only after the client's delayed acknowledgement (40 ms). Both ways are measured, so that
we are not compared with a weak choice.
"""

import os
import signal
import string
from pathlib import Path
from typing import Self

from verification.clients import http1
from verification.clients.sockets import LOOPBACK
from verification.programs import program_path
from verification.server.listening import ListeningServer
from verification.server.process import PROBE_LIMIT, free_ports

SENDFILE = "sendfile on"
BUFFERED = "sendfile off;\n    output_buffers 2 512k"


class Nginx(ListeningServer):
    """nginx with one of the configurations beside this file; its stop signal is SIGQUIT, which lets downloads finish."""

    stop_signal = signal.SIGQUIT

    def __init__(
        self,
        name: str,
        configuration: str,
        work: Path,
        ports: dict[str, int],
        host: str = LOOPBACK,
        program: Path | None = None,
        **values: object,
    ) -> None:
        work.mkdir()
        template = string.Template(Path(__file__).with_name(configuration).read_text())
        places = {"work": work, "host": host, "cores": len(os.sched_getaffinity(0))}
        (work / "nginx.conf").write_text(template.safe_substitute(ports, **places, **values))
        command = [program or program_path("nginx", "bench"), "-p", work, "-e", work / "error.log", "-c", work / "nginx.conf"]
        super().__init__(name, command, ports, work / "error.log", host)

    @classmethod
    def tuned(cls, name: str, way: str, work: Path, root: Path, certificate: Path, key: Path, program: Path | None = None) -> Self:
        ports = dict(zip(("h1", "h2c", "tls"), free_ports(3), strict=True))
        values = {"root": root, "way": way, "certificate": certificate, "key": key}
        return cls(name, "nginx-tuned.conf", work, ports, program=program, **values)

    @classmethod
    def original(cls, work: Path, root: Path, port: int, host: str = LOOPBACK) -> Self:
        return cls("original", "nginx-original.conf", work, {"h1": port}, host, root=root)

    def is_ready(self) -> bool:
        return http1.succeeds(self.ports["h1"], "/health", self.host, PROBE_LIMIT)
