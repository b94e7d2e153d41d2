# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 2, endless chunk extensions (the class of CVE-2024-22019): content that is never content."""

import time

from harness import sockets
from harness.scene import Row, Scene

HEAD = b"GET /health HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
FORMS = {
    "extension": (HEAD + b"1;", b"a" * 4096),
    "chunk size": (HEAD, b"0" * 4096),
    "trailers": (HEAD + b"0\r\n", b"X: a\r\n" * 700),
    "one-byte chunks": (HEAD, b"1\r\na\r\n" * 700),
    "content": (b"POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000000\r\n\r\n", b"a" * 4096),
}
BYTE_LIMIT = 64 << 10
TIME_LIMIT = 10.0
PACE = 0.001


def attack(scene: Scene) -> None:
    for form, (opening, more) in FORMS.items():
        answered_after, ended_after, seconds = _flood(scene.server.port, opening, more)
        scene.tell(f"{form}: closed after {answered_after} B, cut after {ended_after >> 10} KiB in {seconds:.1f} s")
        scene.require(answered_after <= BYTE_LIMIT or seconds <= TIME_LIMIT, f"{form}: goes on after {seconds:.0f} s")


def _flood(port: int, opening: bytes, more: bytes) -> tuple[int, int, float]:
    """Bytes sent until the server closed its side, and until it took no more; seconds until then."""
    with sockets.connect(port) as end:
        begin, sent, answered = time.monotonic(), 0, None
        try:
            end.sendall(opening)
            while time.monotonic() - begin < 2 * TIME_LIMIT:
                sent += end.send(more)
                if answered is None and sockets.is_readable(end, PACE) and sockets.read_until_quiet(end, PACE)[1]:
                    answered = sent
        except OSError:
            pass
        return (sent if answered is None else answered), sent, time.monotonic() - begin


ROW = Row(2, "Chunk-extension flood", "closed by 64 KiB or 10 s", attack)
