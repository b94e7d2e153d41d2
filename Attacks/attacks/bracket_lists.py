# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 38, a peer's list of nothing but brackets: as a tree of JSON it would take many times its size."""

from pathlib import Path

from harness import http1
from harness.hostile_peer import HostilePeer
from harness.replicas import free_ports
from harness.scene import Row, Scene

PORT = free_ports(1)[0]
BRACKETS = 1_300_000  # 3.9 MB
DEPTH = 1_000_000
SEARCHES = 5
UNKNOWN = "/sha256/" + "0" * 64 + ".wasm"
MOST = 8.0  # MB: twice the list


def _flags(_binary: Path, _work: Path) -> list[str]:
    return ["--peers", f"127.0.0.1:{PORT}", "--adopt-timeout", "0"]


def attack(scene: Scene) -> None:
    """Searches have the list read again and again."""
    flat = b'{"modules":[' + b",".join([b"[]"] * BRACKETS) + b"]}"
    forms = {"flat": flat, "deep": b'{"modules":' + b"[" * DEPTH, "words": b'{"modules":["' + b"a" * len(flat) + b'"]}'}
    before = scene.anon()
    for name, document in forms.items():
        with HostilePeer(PORT, lambda: document, []) as peer:
            statuses = set()
            for _ in range(SEARCHES):
                response = http1.get(scene.server.port, UNKNOWN)
                statuses.add(response.status if response else None)
            scene.require(peer.lists > 0, f"{name}: the list was not asked for")
            # Words are read to their end, and list nothing.
            scene.require(statuses == ({404} if name == "words" else {503}), f"{name}: answered {sorted(statuses, key=str)}")
    growth = scene.anon() - before
    scene.require(growth < MOST, f"memory grew by {growth:.1f} MB for lists of {len(flat) / 1e6:.1f} MB")
    scene.tell(f"{len(forms)} lists of {len(flat) / 1e6:.1f} MB, each read up to {SEARCHES} times: memory +{growth:.1f} MB")


ROW = Row(38, "List of brackets", "503; memory < twice the list", attack, _flags)
