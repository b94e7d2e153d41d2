# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A server that is watched, and peers that come and go."""

import itertools
import random
from dataclasses import dataclass, field
from pathlib import Path

from harness.module import Module
from harness.replicas import free_ports
from harness.rotation import Rotation
from harness.scene import Stage
from harness.server import WasmServer
from harness.tls import Authority, Pair, write_pair

HOSTS = ("127.0.0.1", "127.0.0.2", "127.0.0.3")  # of the server, and of its peers
RETAIN = 15  # seconds
OWN_SIZE = 3_000


class ReplicaAuthority(Authority):
    """Issues certificates that are valid at each replica's address."""

    def server_pair(self, folder: Path) -> Pair:
        return write_pair(self.issue("localhost", *HOSTS), folder)


@dataclass
class Replicas:
    """The server that is watched, and its peers, which come and go."""

    stage: Stage
    source: Path
    rotation: Rotation
    authority: Authority
    ports: list[int] = field(default_factory=lambda: free_ports(3, HOSTS))
    peers: dict[str, WasmServer] = field(default_factory=dict)
    seeds: itertools.count = field(default_factory=lambda: itertools.count(5_000_000))

    def start(self, host: str, *sources: Path) -> WasmServer:
        plain, operations, secure = self.ports
        pair = self.rotation.pair if host == HOSTS[0] else self.authority.server_pair(self.stage.work / "peers")
        trusted = str(self.stage.work / "authority" / "ca.crt")
        files = {"certificate": pair.certificate, "key": pair.key, "peers-ca": trusted, "port": str(secure)}
        flags = [word for name, value in files.items() for word in (f"--tls-{name}", value)]
        flags += [word for peer in HOSTS for word in ("--peers", f"{peer}:{secure}")]
        flags += ["--retain", f"{RETAIN}s", "--retain-memory", "64MiB", "--drain-delay", "1s"]
        return WasmServer(
            self.stage.binary, [self.source, *sources], *flags, host=host, port=plain, operations_port=operations
        ).await_ready()

    def restart_one(self) -> Module:
        """Starts one of the peers anew, with a module that nobody else has."""
        host = random.choice(HOSTS[1:])
        if server := self.peers.pop(host, None):
            server.stop()
        module = Module.of(next(self.seeds), OWN_SIZE)
        own = self.stage.work / "own" / module.digest
        module.write(own / f"own{module.digest[:8]}.wasm")
        self.peers[host] = self.start(host, own)
        return module

    def end(self) -> None:
        for server in self.peers.values():
            server.kill()
