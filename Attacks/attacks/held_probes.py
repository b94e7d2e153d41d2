# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 47, a port of probes that others hold: the kubelet's probe has a second."""

import threading
import time

from harness import probes, sockets
from harness.scene import Row, Scene

CONNECTIONS = 200
PROBES, LIMIT = 20, 1.0
HEAD = b"GET /metrics HTTP/1.1\r\nHost: attack\r\n"
FORMS = {
    "silent": (b"", b""),
    "trickled heads": (HEAD, b"a: b\r\n"),
    "answers that are not read": (HEAD + b"\r\n", HEAD + b"\r\n"),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]), b""),
}


def attack(scene: Scene) -> None:
    port = scene.server.ports["operations"]
    for form, (opening, piece) in FORMS.items():
        stop = threading.Event()
        attackers = [threading.Thread(target=_hold, args=(port, opening, piece, stop)) for _ in range(4)]
        for attacker in attackers:
            attacker.start()
        time.sleep(2.0)
        times = []
        for _ in range(PROBES):
            begin = time.monotonic()
            is_well = probes.succeeds(port, "/livez", limit=LIMIT)
            times.append(time.monotonic() - begin if is_well else LIMIT * 2)
            time.sleep(0.1)
        stop.set()
        for attacker in attackers:
            attacker.join()
        good = sum(seconds <= LIMIT for seconds in times)
        scene.tell(f"{form}: {good}/{PROBES} probes in time, the slowest in {max(times):.2f} s")
        scene.require(good == PROBES, f"{PROBES - good} probes beside {form} were not answered within {LIMIT:.0f} s")


def _hold(port: int, opening: bytes, piece: bytes, stop: threading.Event) -> None:
    """Holds as many connections as it can, and makes each anew that is ended."""
    held = []
    while not stop.is_set():
        while len(held) < CONNECTIONS // 4:
            try:
                end = sockets.connect(port, receive_buffer=4096)
                end.sendall(opening)
                end.setblocking(False)
            except OSError:
                break
            held.append(end)
        for end in list(held):
            try:
                if piece:
                    end.send(piece)
                if not piece and end.recv(1) == b"":
                    raise ConnectionError
            except BlockingIOError:
                continue
            except OSError:
                end.close()
                held.remove(end)
        time.sleep(0.2)
    for end in held:
        end.close()


ROW = Row(47, "Held probes", "probes answered ≤ 1 s whoever holds their port", attack)
