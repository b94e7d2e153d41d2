# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 62, modules that a hostile peer invents and clients hardly take: what is dropped stays in memory while it is sent."""

import json
import os
import socket
import time
from pathlib import Path

from harness import http1, sockets
from harness.hostile_peer import HostilePeer
from harness.module import Module
from harness.replicas import free_ports
from harness.scene import Row, Scene

SIZE = 2_000_000  # more than what the system takes of a download that nobody reads
INVENTED = 16
MEMORY = 8 << 20
LARGEST = 5 << 20
PORT = free_ports(1)[0]
TRICKLE = 16 << 10
SLACK = 1 << 20  # pages, and what is sealed beside the modules
FLAGS = [
    "--peers", f"127.0.0.1:{PORT}", "--adopt-timeout", "0", "--retain-memory", str(MEMORY),
    "--max-module-size", str(LARGEST), "--retain", "40s",
]  # fmt: skip


def _document(modules: list[Module]) -> bytes:
    entries = [
        {"verdict": "admitted", "state": "kept", "sha256": module.digest, "size": len(module.content)} for module in modules
    ]
    return json.dumps({"instance": "hostile", "modules": entries}).encode()


def attack(scene: Scene) -> None:
    """Searches for one module after another, and takes next to nothing of each."""
    before, most = _sealed(scene), 0
    invented = [Module.of(300 + number, SIZE) for number in range(8 if scene.quick else INVENTED)]
    held, statuses = [], []
    with HostilePeer(PORT, lambda: _document(invented), invented):
        for module in invented:
            end, status = _begin(scene.server.port, module)
            statuses.append(status)
            held.append(end)
            for other in held:
                _take(other)
            most = max(most, _sealed(scene) - before)
        limit = MEMORY + 2 * LARGEST + SLACK
        scene.tell(f"{len(invented)} modules of {SIZE / 1e6:.0f} MB: {_counts(statuses)}, {most / 1e6:.1f} MB in memory")
        scene.require(most <= limit, f"{most / 1e6:.0f} MB are in memory, and not {limit / 1e6:.0f}")
        scene.require(set(statuses) <= {200, 503}, f"answers: {_counts(statuses)}")
        for end in held:
            end.close()
        last = invented[-1]
        freed = scene.await_until(lambda: _is_given(scene.server.port, last), 20.0)
        scene.require(freed is not None, "once nothing is sent any more, a search still fails")
    kept = MEMORY + SLACK
    shrunk = scene.await_until(lambda: _sealed(scene) - before <= kept, 10.0)
    scene.require(shrunk is not None, f"{(_sealed(scene) - before) / 1e6:.0f} MB stay in memory, and not {kept / 1e6:.0f}")
    # Each that is kept holds a descriptor until its time is over.
    gone = scene.await_until(lambda: _sealed(scene) - before <= SLACK, 60.0)
    scene.require(gone is not None, "what was kept is kept for longer than asked")


def _begin(port: int, module: Module) -> tuple[socket.socket, int]:
    end = sockets.connect(port, 4096)
    end.settimeout(10.0)
    end.sendall(f"GET /sha256/{module.digest}.wasm HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    return end, int(end.recv(12).split()[-1])


def _take(end: socket.socket) -> None:
    end.setblocking(False)
    try:
        end.recv(TRICKLE)
    except OSError:
        pass


def _is_given(port: int, module: Module) -> bool:
    response = http1.get(port, f"/sha256/{module.digest}.wasm")
    time.sleep(0.5)
    return response is not None and response.status == 200 and response.body == module.content


def _counts(statuses: list[int]) -> str:
    return ", ".join(f"{statuses.count(status)} × {status}" for status in sorted(set(statuses)))


def _sealed(scene: Scene) -> int:
    """The bytes of memory files that the server has open."""
    sizes = {}
    folder = Path(f"/proc/{scene.server.pid}/fd")
    for name in os.listdir(folder):
        try:
            if "memfd" in os.readlink(folder / name):
                facts = os.stat(folder / name)
                sizes[facts.st_ino] = facts.st_blocks * 512
        except OSError:
            continue  # closed meanwhile
    return sum(sizes.values())


ROW = Row(62, "Dropped modules that are being sent", "--retain-memory and two modules", attack, lambda *_: FLAGS)
