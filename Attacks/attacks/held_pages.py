# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 74, pages of metrics of thousands of modules, each asked for by itself and taken by nobody."""

import socket
import time

from harness import http1, kernel
from harness.module import Module
from harness.scene import Row, Scene
from harness.server import WasmServer

MODULES, SMALL = 3000, 100
HELD, PAUSE = 60, 0.2
MOST_MEMORY = 80.0  # 16 MiB of pages, two more, and what writing one takes


def attack(scene: Scene) -> None:
    folder = scene.work / "many"
    for number in range(MODULES):
        Module.of(number, SMALL).write(folder / f"{number}.wasm")
    with WasmServer(scene.binary, [folder]) as server:
        operations = server.ports["operations"]
        page = http1.get(operations, "/metrics")
        before, most, ends = kernel.memory(server.pid).anon, 0.0, []
        for _ in range(HELD):
            end = socket.socket()
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            end.connect(("127.0.0.1", operations))
            end.sendall(b"GET /metrics HTTP/1.1\r\nHost: attack\r\n\r\n")
            ends.append(end)
            time.sleep(PAUSE)
            most = max(most, kernel.memory(server.pid).anon - before)
        for end in ends:
            end.close()
        again = http1.get(operations, "/metrics")
    size = len(page.body) if page else 0
    scene.tell(f"{HELD} pages of {size / 1e6:.1f} MB that nobody takes: {most:+.0f} MB")
    scene.require(most <= MOST_MEMORY, f"{most:.0f} MB for pages that nobody takes")
    scene.require(again is not None and again.status == 200, "there are no metrics any more")


ROW = Row(74, "Held pages", "3,000 modules: ≤ 80 MB for metrics that nobody takes", attack)
