# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 8, a flood of WINDOW_UPDATE frames, which swift-nio-http2 does not count."""

from harness import http2
from harness.scene import Row, Scene

UPDATES = 1_000_000
CHUNK = 10_000
MOST_CPU = 1.0


def attack(scene: Scene) -> None:
    count = UPDATES // 10 if scene.quick else UPDATES
    for form, stream in (("connection", 0), ("stream", 1)):
        before = scene.cpu()
        sent, is_over = _flood(scene.server.port, stream, count)
        cpu = scene.cpu() - before
        scene.tell(f"{form}: {'ended' if is_over else 'not ended'} after {sent:,}, {cpu:.2f} s of CPU time")
        scene.require(is_over or cpu < MOST_CPU, f"{form}: {cpu:.2f} s of CPU time for {sent:,} updates")


def _flood(port: int, stream: int, count: int) -> tuple[int, bool]:
    with http2.Connection(port, {4: 0}) as connection:
        connection.send(http2.request(1))
        connection.read(0.2)
        chunk = http2.raw(8, 0, stream, b"\0\0\0\x01") * CHUNK
        sent = 0
        while sent < count and not connection.is_over:
            connection.send(chunk)
            sent += CHUNK
            connection.read()
        # An answer to a PING comes when everything before it was processed.
        connection.send(http2.raw(6, 0, 0, b"the end."))
        while not connection.is_over:
            frames = connection.read(5.0)
            if not frames or any(frame.type == 6 for frame in frames):
                break
        return sent, connection.is_over


ROW = Row(8, "WINDOW_UPDATE flood", "ended, or < 1 s of CPU time", attack)
