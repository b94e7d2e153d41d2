# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Prometheus, out of Debian's package: its programs, and one that scrapes a server."""

import http.client
import json
from pathlib import Path
from typing import Self
from urllib.parse import urlencode

from verification.clients.sockets import LOOPBACK
from verification.programs import TOOLS, VerificationError, program_path
from verification.server.process import Server, WasmServer, free_ports
from verification.threads import seconds_until

CONFIGURATION = """global: { scrape_interval: 1s }
scrape_configs:
  - job_name: wasm-server
    static_configs: [{ targets: ["%s:%d"], labels: { namespace: wasm-server, pod: wasm-server-1 } }]
"""
SCRAPED_LIMIT = 30.0
ANSWER_LIMIT = 10.0


def program(name: str) -> str | Path:
    """The path of one of the package's programs."""
    packaged = TOOLS / "prometheus" / "usr" / "bin" / name
    return packaged if packaged.exists() else program_path(name, "test")


class Prometheus(Server):
    """Scrapes a server each second, under labels such as a cluster gives it."""

    name = "Prometheus"

    def __init__(self, server: WasmServer, folder: Path) -> None:
        [self.port] = free_ports(1)
        self._log = folder / "prometheus.log"
        configuration = folder / "prometheus.yaml"
        configuration.write_text(CONFIGURATION % (server.host, server.ports["operations"]))
        flags = {
            "config.file": configuration,
            "storage.tsdb.path": folder / "data",
            "web.listen-address": f"{LOOPBACK}:{self.port}",
        }
        with self._log.open("w") as log:
            super().__init__([program("prometheus"), *(f"--{flag}={value}" for flag, value in flags.items())], LOOPBACK, stderr=log)

    def is_ready(self) -> bool:
        """Whether it has scraped a few times, which rates need."""
        try:
            return bool(self.query("count_over_time(wasm_server_ready[1m]) > 3")["data"]["result"])
        except (OSError, http.client.HTTPException, ValueError):  # while it starts it says in words that it does
            return False

    def await_ready(self) -> Self:
        if seconds_until(self.is_ready, SCRAPED_LIMIT) is None:
            self.kill()
            raise VerificationError(f"Prometheus scrapes nothing:{self.log_tail()}")
        return self

    def log_tail(self) -> str:
        return "".join(f"\n    {line}" for line in self._log.read_text().splitlines()[-5:])

    def query(self, expression: str) -> dict:
        """What it answers, or why it does not."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=ANSWER_LIMIT)
        try:
            connection.request("GET", f"/api/v1/query?{urlencode({'query': expression})}")
            return json.load(connection.getresponse())
        finally:
            connection.close()
