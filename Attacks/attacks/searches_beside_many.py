# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 73, a server of thousands of modules, whose list and tables need not be prepared anew for each digest that is searched for.

Whoever takes a list slowly holds a version of it, and what is searched for makes another version.
"""

import socket
import statistics
import threading
import time

from harness import http1, kernel, scarcity
from harness.hostile_peer import HostilePeer
from harness.module import Module
from harness.replicas import free_ports
from harness.scene import Row, Scene
from harness.server import WasmServer

PORT = free_ports(1)[0]
MODULES, SMALL = 3000, 100
SOUGHT, ASKERS, SECONDS = 600, 12, 8.0
LEAST_FOUND, MOST_MEDIAN = 100, 1.0
HELD = 30
MOST_MEMORY = 48.0  # 16 MiB of lists, two more, and what is kept


def attack(scene: Scene) -> None:
    folder = scene.work / "many"
    for number in range(MODULES):
        Module.of(number, SMALL).write(folder / f"{number}.wasm")
    sought = [Module.of(100_000 + number, SMALL) for number in range(SOUGHT + HELD)]
    with HostilePeer(PORT, lambda: scarcity.document(sought, "kept"), sought):
        with WasmServer(scene.binary, [folder], "--peers", f"127.0.0.1:{PORT}", "--adopt-timeout", "0") as server:
            _search(scene, server, [module.digest for module in sought[:SOUGHT]])
            _hold_lists(scene, server, [module.digest for module in sought[SOUGHT:]])


def _search(scene: Scene, server: WasmServer, digests: list[str]) -> None:
    statuses: list[int | None] = []
    times: list[float] = []
    end = time.monotonic() + SECONDS

    def ask(share: list[str]) -> None:
        for digest in share:
            begin = time.monotonic()
            if begin > end:
                return
            response = http1.get(server.port, f"/sha256/{digest}.wasm")
            statuses.append(response.status if response else None)
            times.append(time.monotonic() - begin)

    askers = [threading.Thread(target=ask, args=[digests[number::ASKERS]], daemon=True) for number in range(ASKERS)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    found, median = statuses.count(200), statistics.median(times)
    scene.tell(f"{found} of {len(statuses)} found in {SECONDS:.0f} s beside {MODULES} modules, median {median * 1000:.0f} ms")
    scene.require(set(statuses) == {200}, f"answered with {sorted(set(statuses), key=str)}")
    scene.require(found >= LEAST_FOUND, f"only {found} were found")
    scene.require(median <= MOST_MEDIAN, f"a search took {median:.1f} s")


def _hold_lists(scene: Scene, server: WasmServer, digests: list[str]) -> None:
    listed = http1.get(server.port, "/modules")
    before, ends = kernel.memory(server.pid).anon, []
    for digest in digests:
        response = http1.get(server.port, f"/sha256/{digest}.wasm")
        scene.require(response is not None and response.status == 200, "what the peer has was not found")
        end = socket.socket()
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        end.connect(("127.0.0.1", server.port))
        end.sendall(b"GET /modules HTTP/1.1\r\nHost: attack\r\n\r\n")
        end.recv(1)
        ends.append(end)
    growth = kernel.memory(server.pid).anon - before
    again = http1.get(server.port, "/modules")
    for end in ends:
        end.close()
    size = len(listed.body) if listed else 0
    scene.tell(f"{HELD} lists of {size / 1e6:.1f} MB that nobody takes: {growth:+.0f} MB")
    scene.require(growth <= MOST_MEMORY, f"{growth:.0f} MB for lists that nobody takes")
    scene.require(again is not None and again.status == 200, "there is no list any more")
    newest = scene.await_until(lambda: _tells(server, digests[-1]), 10.0)
    scene.require(newest is not None, "the list does not tell what is kept when the others are gone")


def _tells(server: WasmServer, digest: str) -> bool:
    response = http1.get(server.port, "/modules")
    return response is not None and digest.encode() in response.body


ROW = Row(73, "Searches beside many", "3,000 modules: all found, median ≤ 1 s; lists ≤ 48 MB", attack)
