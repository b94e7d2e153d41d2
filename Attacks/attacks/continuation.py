# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 6, CONTINUATION flood (CVE-2024-27316): a head that never ends."""

from harness import http2
from harness.scene import Row, Scene

FRAMES = 10_000
MOST_FRAMES = 7
BLOCK = http2.request_block("/health")


def _endless(first: bytes, piece: bytes):
    return lambda number: first if number == 0 else http2.raw(9, 0, 1, piece)


FORMS = {
    "1 byte": _endless(http2.raw(1, 0x1, 1, BLOCK), b"\x82"),
    "empty": _endless(http2.raw(1, 0x1, 1, BLOCK), b""),
    "16 KiB": _endless(http2.raw(1, 0x1, 1, BLOCK), b"\0\x01x\x7f\x81\x7f" + b"a" * 16_378),
    "empty HEADERS": _endless(http2.raw(1, 0x1, 1), b""),
    "trailers": lambda number: http2.raw(1, 0x4, 1, BLOCK) if number == 0 else http2.raw(1, 0x1, 1, b"\0\x01x\x01a")
    if number == 1 else http2.raw(9, 0, 1, b"\0"),
}  # fmt: skip


def attack(scene: Scene) -> None:
    figures = {}
    for form, step in FORMS.items():
        ended = http2.flood(scene.server.port, step, FRAMES)
        figures[form] = str(ended)
        scene.require(ended.has_ended and ended.steps <= MOST_FRAMES + 1, f"{form}: {ended}, not by {MOST_FRAMES}")
    scene.tell_each(figures)


ROW = Row(6, "CONTINUATION flood", "ended at 7 frames", attack)
