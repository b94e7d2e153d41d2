# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 5, MadeYouReset (CVE-2025-8671): frames that make the server reset the stream itself."""

from collections.abc import Callable

from harness import http2
from harness.scene import Row, Scene

STREAMS = 5_000
MOST_RESETS = 201
BLOCK = http2.request_block("/plugin.wasm")


def _then(*frames: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """A complete request for the module, then what breaks its stream."""

    def step(number: int) -> bytes:
        stream = 2 * number + 1
        return http2.raw(1, 0x5, stream, BLOCK) + b"".join(frame(stream) for frame in frames)

    return step


def _window_update(increment: int) -> Callable[[int], bytes]:
    return lambda stream: http2.raw(8, 0, stream, increment.to_bytes(4, "big"))


def _priority(dependency: Callable[[int], int], length: int) -> Callable[[int], bytes]:
    return lambda stream: http2.raw(2, 0, stream, (dependency(stream).to_bytes(4, "big") + b"\x10\0\0")[:length])


# Of every primitive: what a server may make a stream error of; a connection error ends the flood at once.
PRIMITIVES = {
    "window overflow": _then(_window_update((1 << 31) - 1)),
    "window overflow in two": _then(_window_update((1 << 31) - 65536), _window_update((1 << 31) - 1)),
    "zero increment": _then(_window_update(0)),
    "HEADERS after END_STREAM": _then(lambda stream: http2.raw(1, 0x5, stream, BLOCK)),
    "DATA after END_STREAM": _then(lambda stream: http2.raw(0, 0, stream, b"a")),
    "PRIORITY of 6 bytes": _then(_priority(lambda _: 0, 6)),
    "PRIORITY of 4 bytes": _then(_priority(lambda _: 0, 4)),
    "self-dependency": _then(_priority(lambda stream: stream, 5)),
    "self-dependency in HEADERS": lambda number: http2.raw(
        1, 0x25, 2 * number + 1, (2 * number + 1).to_bytes(4, "big") + b"\x10" + BLOCK
    ),
    "malformed head": lambda number: http2.raw(1, 0x5, 2 * number + 1, BLOCK + b"\0\x01X\x01a"),
    "content-length too small": lambda number: http2.raw(
        1, 0x4, 2 * number + 1, http2.request_block("/plugin.wasm", ("content-length", "1"))
    ) + http2.raw(0, 0x1, 2 * number + 1, b"aa"),
}  # fmt: skip


def attack(scene: Scene) -> None:
    figures = {}
    for primitive, step in PRIMITIVES.items():
        for windows, settings in (("", None), (" at window 0", {4: 0})):
            ended = http2.flood(scene.server.port, step, STREAMS, settings)
            figures[primitive + windows] = f"{ended}, {ended.resets} resets"
            scene.require(ended.has_ended, f"{primitive}{windows}: {ended}")
            scene.require(ended.resets <= MOST_RESETS, f"{primitive}{windows}: {ended.resets} resets")
    scene.tell_each(figures)


ROW = Row(5, "MadeYouReset", "at most 201 resets a connection", attack)
