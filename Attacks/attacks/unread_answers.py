# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 29, requests without end from clients that read no answer (akin to CVE-2019-9517).

Flow control of HTTP/2 does not cover heads: a server that goes on reading requests must keep all those answers.
"""

import time
from collections.abc import Callable

from harness import http2, sockets
from harness.scene import Row, Scene

CONNECTIONS = 50
STEP = 1000
BYTES_EACH = 1_500_000
SECONDS = 18.0
RECEIVE_BUFFER = 4096
PIECE, PAUSE = 6 << 10, 0.05  # slow enough to leave the processor alone: this row is about memory


def _requests(method: str, path: str) -> Callable[[int], bytes]:
    block = http2.request_block(path, method=method)

    def step(number: int) -> bytes:
        streams = range(2 * number * STEP + 1, 2 * (number + 1) * STEP, 2)
        opening = http2.PREFACE + http2.raw(4, 0, 0) if number == 0 else b""
        return opening + b"".join(http2.raw(1, 0x5, stream, block) for stream in streams)

    return step


FORMS = {
    "h2 HEAD": _requests("HEAD", "/health"),
    "h2 404": _requests("GET", "/nothing"),
    "h1 pipelined": lambda _: b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n" * STEP,
}


def attack(scene: Scene) -> None:
    for form, step in FORMS.items():
        before = scene.anon()
        sent, cut, most = _flood(scene, step)
        scene.tell(f"{form}: {sent / CONNECTIONS / 1000:.0f} kB of each taken, {cut} cut, anon {most - before:+.0f} MB")


def _flood(scene: Scene, step: Callable[[int], bytes]) -> tuple[int, int, float]:
    """Bytes that the server took, how many connections it cut, and the most memory that it had."""
    requests = b"".join(step(number) for number in range(BYTES_EACH // len(step(1))))
    ends = {sockets.connect(scene.server.port, RECEIVE_BUFFER): 0 for _ in range(CONNECTIONS)}
    cut, most, begin = set(), 0.0, time.monotonic()
    while time.monotonic() - begin < SECONDS:
        for end in ends.keys() - cut:
            end.setblocking(False)
            try:
                ends[end] += end.send(requests[ends[end] : ends[end] + PIECE])
            except BlockingIOError:
                pass
            except OSError:
                cut.add(end)
        most = max(most, scene.anon())
        time.sleep(PAUSE)
    for end in ends:
        end.close()
    return sum(ends.values()), len(cut), most


ROW = Row(29, "Unread answers", "growth < 32 MB", attack)
