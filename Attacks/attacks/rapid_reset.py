# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 4, rapid reset (CVE-2023-44487): requests that are taken back before they can be answered."""

import time

from harness import http2
from harness.scene import Row, Scene

STREAMS = 10_000
MOST_RESETS = 201
MOST_WARNINGS = 20  # of cut answers: ten in any ten seconds
CANCEL = (8).to_bytes(4, "big")


def _reset(path: str, end_stream: bool):
    block = http2.request_block(path)
    flags = 0x5 if end_stream else 0x4

    def step(number: int) -> bytes:
        stream = 2 * number + 1
        return http2.raw(1, flags, stream, block) + http2.raw(3, 0, stream, CANCEL)

    return step


FORMS = {
    "module": _reset("/plugin.wasm", True),
    "small answer": _reset("/plugin.wasm.sha256", True),
    "404": _reset("/nothing", True),
    "open request": _reset("/plugin.wasm", False),
}


def attack(scene: Scene) -> None:
    figures = {}
    for form, step in FORMS.items():
        ended = http2.flood(scene.server.port, step, STREAMS)
        figures[form] = str(ended)
        scene.require(ended.has_ended and ended.steps <= MOST_RESETS, f"{form}: {ended}, not by {MOST_RESETS}")
    scene.tell_each(figures)
    _reconnect(scene, 2.0 if scene.quick else 10.0)


def _reconnect(scene: Scene, seconds: float) -> None:
    """The same from one connection after another: what is left is what a connection costs."""
    burst = b"".join(FORMS["module"](number) for number in range(MOST_RESETS))
    begin, cpu, warnings, count = time.monotonic(), scene.cpu(), scene.server.access_warnings, 0
    while time.monotonic() - begin < seconds:
        with http2.Connection(scene.server.port) as connection:
            connection.send(burst)
            connection.read(0.05)
            count += 1
    told = scene.server.access_warnings - warnings
    scene.tell(
        f"reconnecting: {count} connections in {seconds:.0f} s, {(scene.cpu() - cpu) / seconds:.0%} CPU, "
        f"{told} lines of cut answers"
    )
    scene.require(told <= MOST_WARNINGS, f"{told} lines of cut answers")


ROW = Row(4, "Rapid reset", "GOAWAY by 201 resets", attack)
