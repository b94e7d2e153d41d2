# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 53, clients that ask, close their side or have the connection closed, and never read: the system is left with nothing."""

import contextlib
import re
import subprocess
import time

from harness import sockets
from harness.scene import Row, Scene

CLIENTS = 150
LIMIT = 30.0  # 20 s for a client that takes nothing, and some for looking
FORMS = {
    "Connection: close": b"GET /plugin.wasm HTTP/1.1\r\nHost: attack\r\nConnection: close\r\nRange: bytes=0-99999\r\n\r\n",
    "half-closed": b"GET /plugin.wasm HTTP/1.1\r\nHost: attack\r\nRange: bytes=0-99999\r\n\r\n",
}


def attack(scene: Scene) -> None:
    for form, request in FORMS.items():
        with contextlib.ExitStack() as ends:
            for _ in range(CLIENTS):
                end = ends.enter_context(sockets.connect(scene.server.port, receive_buffer=4096))
                end.sendall(request)
                if form == "half-closed":
                    end.shutdown(1)
            begin, orphans, most = time.monotonic(), 0, 0
            while (unsent := _unsent(scene.server.port)) and time.monotonic() - begin < LIMIT:
                most = max(most, len(unsent))
                orphans = max(orphans, sum(not is_owned for is_owned in unsent))
                time.sleep(0.5)
            scene.tell(f"{form}: {most} unread at a time, {orphans} of no process, gone in {time.monotonic() - begin:.0f} s")
            scene.require(not unsent, f"{len(unsent)} unread answers are there after {LIMIT:.0f} s")
            scene.require(orphans == 0, "the system holds unread answers of connections that nobody counts")


def _unsent(port: int) -> list[bool]:
    """Of each connection of a port with output that its client has not taken, whether a process owns it."""
    command = ["ss", "-H", "-t", "-n", "-e", "state", "all", f"sport = :{port}"]
    table = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = re.findall(r"(?m)^(?!LISTEN|TIME-WAIT)\S+ +\d+ +(\d+) +(.*)$", table)
    return [re.search(r"\bino:[1-9]", rest) is not None for queued, rest in lines if int(queued) > 1000]


ROW = Row(
    53, "Unread ends", "no unread answer outlives its connection", attack, is_bystander_kept=True,
)  # fmt: skip
