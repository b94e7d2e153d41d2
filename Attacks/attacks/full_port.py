# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 52, a port that one address keeps full, with more in the queue: its limit holds, and gateways behind another address are served."""

import contextlib
import socket
import threading
import time

from harness import http1, sockets
from harness.scene import Row, Scene

SLOTS = 200
HELD, QUEUED = 180, 300
COMING, GATEWAYS, LIMIT = 4, 20, 10.0
ATTACKER, PROXY = "127.0.9.1", "127.0.8.1"
PAUSE = 0.02
REQUEST = b"GET /health HTTP/1.1\r\nHost: attack\r\n\r\n"
DOWNLOAD = b"GET /plugin.wasm HTTP/1.1\r\nHost: attack\r\nConnection: close\r\n\r\n"


def attack(scene: Scene) -> None:
    with contextlib.ExitStack() as ends:
        for _ in range(HELD + QUEUED):
            end = ends.enter_context(sockets.connect(scene.server.port, source=ATTACKER))
            end.sendall(REQUEST)
        is_over = threading.Event()
        ends.callback(is_over.set)  # however this ends
        whole: list[bool] = []
        gateways = [threading.Thread(target=lambda: whole.append(_download(scene))) for _ in range(GATEWAYS)]
        for _ in range(COMING):
            threading.Thread(target=_come_and_go, args=(scene.server.port, is_over)).start()
        for gateway in gateways:
            gateway.start()
        most, begin = 0, time.monotonic()
        while any(gateway.is_alive() for gateway in gateways) and time.monotonic() - begin < 3 * LIMIT:
            most = max(most, _open(scene))
            time.sleep(PAUSE)
        seconds = time.monotonic() - begin
    scene.tell(f"{sum(whole)}/{GATEWAYS} gateways behind one address served within {seconds:.1f} s, {most} connections open")
    scene.require(most <= SLOTS, f"there are more than {SLOTS} connections")
    scene.require(sum(whole) == GATEWAYS, "gateways behind one address are not served")


def _come_and_go(port: int, is_over: threading.Event) -> None:
    """Each that ends lets another in."""
    while not is_over.is_set():
        with contextlib.suppress(OSError), sockets.connect(port, source=ATTACKER) as end:
            end.sendall(REQUEST)
            end.settimeout(1.0)
            end.recv(1)
        time.sleep(PAUSE)


def _download(scene: Scene) -> bool:
    received = bytearray()
    with contextlib.suppress(OSError), sockets.connect(scene.server.port, source=PROXY) as end:
        end.settimeout(LIMIT)
        end.sendall(DOWNLOAD)
        while chunk := end.recv(1 << 20):
            received += chunk
        end.shutdown(socket.SHUT_RDWR)
    answers, _ = http1.parse(bytes(received))
    return len(answers) == 1 and scene.is_module(answers[0].body)


def _open(scene: Scene) -> int:
    page = http1.get(scene.server.ports["operations"], "/metrics")
    prefix = b'wasm_server_open_connections{listener="data"} '
    return next((int(line[len(prefix) :]) for line in page.body.splitlines() if line.startswith(prefix)), 0) if page else 0


ROW = Row(
    52, "Full port", "limit of connections exact; gateways behind one address served", attack,
    flags=lambda _binary, _work: ["--max-connections", str(SLOTS)],
    is_bystander_kept=True,
)  # fmt: skip
