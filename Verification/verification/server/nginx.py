# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""nginx: tuned, with and without `sendfile`, and as the original shipped it.

With `sendfile`, nginx 1.22 spends more than twice as much CPU time on a module over HTTP/2 as with large buffers, and
answers small files over HTTP/2 only after the client's delayed acknowledgement (40 ms). Both ways are measured, so that
we are not compared with a weak choice.
"""

import signal
import subprocess
import time
from pathlib import Path
from typing import Self

from verification.clients import http1
from verification.clients.sockets import LOOPBACK
from verification.programs import VerificationError, found
from verification.server.process import PROBE_LIMIT, START_LIMIT, Server, free_ports, is_listening

WORKERS = 2
SENDFILE = "sendfile on"
BUFFERED = "sendfile off;\n    output_buffers 2 512k"
POLL = 0.05


class Nginx(Server):
    """nginx with one of the configurations below, whose stop signal is SIGQUIT: it lets downloads under way finish."""

    goodbye = signal.SIGQUIT

    def __init__(self, name: str, work: Path, configuration: str, ports: dict[str, int], host: str = LOOPBACK) -> None:
        self.name, self._errors = name, work / "error.log"
        (work / "nginx.conf").write_text(configuration)
        command = [found("nginx", "bench"), "-p", work, "-e", self._errors, "-c", work / "nginx.conf"]
        super().__init__(command, host, stderr=subprocess.DEVNULL)
        self.ports = ports

    @classmethod
    def tuned(cls, name: str, way: str, work: Path, root: Path) -> Self:
        work.mkdir()
        ports = dict(zip(("h1", "h2c"), free_ports(2), strict=True))
        return cls(name, work, _tuned(way, work, root, ports), ports)

    @classmethod
    def original(cls, work: Path, root: Path, port: int, host: str = LOOPBACK) -> Self:
        work.mkdir()
        return cls("original", work, _original(work, root, port, host), {"h1": port}, host)

    def is_ready(self) -> bool:
        return http1.succeeds(self.ports["h1"], "/health", self.host, PROBE_LIMIT)

    def await_ready(self) -> Self:
        """Waits until it listens."""
        try:
            deadline = time.perf_counter() + START_LIMIT
            while not all(is_listening(self.host, port) for port in self.ports.values()):
                self.members()
                if time.perf_counter() > deadline:
                    raise VerificationError(f"{self.name} did not listen within {START_LIMIT:.0f} s{self.last_words()}")
                time.sleep(POLL)
        except BaseException:
            self.kill()
            raise
        return self

    def last_words(self) -> str:
        lines = self._errors.read_text().splitlines() if self._errors.exists() else []
        return "".join(f"\n    {line}" for line in lines[-5:])


def _tuned(way: str, work: Path, root: Path, ports: dict[str, int]) -> str:
    """HTTP/1.1 and h2c on two ports, because nginx before 1.25.1 cannot offer both on one cleartext port."""
    return f"""
{_process(work)}
worker_processes {WORKERS};
events {{ worker_connections 1024; }}
http {{
    {_temporary_paths(work)}
    access_log off;
    {way};
    tcp_nopush on;
    tcp_nodelay on;
    keepalive_requests 1000000;
    keepalive_timeout 60s;
    open_file_cache max=100 inactive=60s;
    open_file_cache_valid 60s;
    open_file_cache_min_uses 1;
    http2_chunk_size 16k;
    http2_max_concurrent_streams 128;
    types {{ application/wasm wasm; text/plain sha256; }}
    server {{
        listen {LOOPBACK}:{ports["h1"]};
        listen {LOOPBACK}:{ports["h2c"]} http2;
        root {root};
    }}
}}
"""


def _original(work: Path, root: Path, port: int, host: str) -> str:
    """The predecessor's settings; everything that it does not set stays at nginx's default, also the access log."""
    return f"""
{_process(work)}
events {{ worker_connections 1024; }}
http {{
    {_temporary_paths(work)}
    access_log {work}/access.log;
    server {{
        listen {host}:{port};
        location / {{
            root {root};
            default_type application/octet-stream;
            add_header Content-disposition "attachment; filename=";
        }}
        location /health {{
            access_log off;
            add_header Content-Type application/json;
            return 200 '{{"status":"Healthy"}}';
        }}
    }}
}}
"""


def _process(work: Path) -> str:
    return f"daemon off;\npid {work}/nginx.pid;\nerror_log {work}/error.log;"


def _temporary_paths(work: Path) -> str:
    kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    return "\n    ".join(f"{kind}_temp_path {work}/{kind};" for kind in kinds)
