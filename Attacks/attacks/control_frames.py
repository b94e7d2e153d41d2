# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 7, floods of frames that cost the sender nothing (CVE-2019-9512, 9513, 9515 and 9518)."""

from harness import http2
from harness.scene import Row, Scene

FRAMES = 10_000
MOST_CONTROL_FRAMES = 201
MOST_EMPTY_FRAMES = 2
OPEN = http2.raw(1, 0x4, 1, http2.request_block("/plugin.wasm"))
TABLE_SIZE = b"\0\x01\0\0\x10\0"


def _same(frame: bytes, opening: bytes = b""):
    return lambda number: (opening if number == 0 else b"") + frame


def _settings(number: int) -> bytes:
    """Changes the windows of all streams to and fro, which is work."""
    return http2.raw(4, 0, 0, b"\0\x04" + (65535 - number % 2).to_bytes(4, "big"))


CONTROL = {
    "PING": _same(http2.raw(6, 0, 0, b"12345678")),
    "PING ACK": _same(http2.raw(6, 1, 0, b"12345678")),
    "SETTINGS": _same(http2.raw(4, 0, 0)),
    "SETTINGS of windows": _settings,
    "SETTINGS of 1,000 values": _same(http2.raw(4, 0, 0, TABLE_SIZE * 1000)),
    "SETTINGS ACK": _same(http2.raw(4, 1, 0)),
    "PRIORITY": _same(http2.raw(2, 0, 1, b"\0\0\0\0\x10")),
    "PRIORITY of idle streams": lambda number: http2.raw(2, 0, 2 * number + 1, b"\0\0\0\0\x10"),
    "unknown frames": _same(http2.raw(0xFA, 0, 0)),
    "RST_STREAM of a closed stream": _same(http2.raw(3, 0, 1, b"\0\0\0\x08"), OPEN),
    "GOAWAY": _same(http2.raw(7, 0, 0, b"\x7f\xff\xff\xff\0\0\0\0"), OPEN),
}
EMPTY = {
    "empty DATA": _same(http2.raw(0, 0, 1), OPEN),
    "padded empty DATA": _same(http2.raw(0, 0x8, 1, b"\0"), OPEN),
}
# The row names PING, SETTINGS, PRIORITY and empty frames. The others may go on if they cost next to nothing.
NAMED = {"PING", "SETTINGS", "SETTINGS of windows", "SETTINGS of 1,000 values", "PRIORITY", "PRIORITY of idle streams"}
MOST_CPU = 1.0


def attack(scene: Scene) -> None:
    figures = {}
    for form, step in CONTROL.items():
        before = scene.cpu()
        ended = http2.flood(scene.server.port, step, FRAMES)
        cpu = scene.cpu() - before
        figures[form] = str(ended)
        if form in NAMED:
            scene.require(ended.has_ended and ended.steps <= MOST_CONTROL_FRAMES, f"{form}: {ended}")
        scene.require(cpu < MOST_CPU, f"{form}: {cpu:.1f} s of CPU time")
    for form, step in EMPTY.items():
        ended = http2.flood(scene.server.port, step, FRAMES)
        figures[form] = str(ended)
        if form == "empty DATA":
            scene.require(ended.has_ended and ended.steps <= MOST_EMPTY_FRAMES, f"{form}: {ended}")
    scene.tell_each(figures)


ROW = Row(7, "PING, SETTINGS, PRIORITY, empty", "by 201 frames; 2 empty ones", attack)
