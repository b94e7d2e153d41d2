# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Our replicas, which know each other."""

from pathlib import Path

from drill.deployment import Start
from drill.gateways import Layout
from drill.modules import digest_path
from drill.pods import Pod, WasmServerPod
from harness.replicas import free_ports
from harness.scene import Stage

DRAIN = ["--drain-delay", "3s", "--drain-timeout", "30s"]  # endpoints are known everywhere after a second


def our_replicas(stage: Stage, addresses: list[str]) -> tuple[Start, Layout]:
    """How to start one, and how they are asked."""
    port, operations = free_ports(2, tuple(addresses))
    flags = [*DRAIN, *peer_flags(stage, addresses, port)]

    def start(source: Path, address: str) -> Pod:
        return WasmServerPod(stage.binary, source, address, (port, operations), flags)

    return start, Layout(port, ("h1", "h2c"), digest_path)


def peer_flags(stage: Stage, addresses: list[str], port: int) -> list[str]:
    """Every address that a replica may have, its own too."""
    if not stage.has("--peers"):
        return []
    return [word for address in addresses for word in ("--peers", f"{address}:{port}")]
