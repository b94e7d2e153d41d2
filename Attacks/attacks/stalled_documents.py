# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 45, documents that are asked for on a hundred streams and never taken, while one stream is kept going.

Each stream that is given up is an answer that was cut, which the log must not have a line of for each.
"""

import json
import signal
import time

from harness import http1, http2
from harness.module import Module
from harness.scene import Row, Scene

MODULES, SMALL = 200, 400
STREAMS = 100
LARGE = (1 << 31) - 1
SECONDS, GONE = 40.0, 30.0
CREDIT = 16 << 10  # a second on the one stream, which is more than the floor of a connection
MOST_MEMORY = 32.0
MOST_WARNINGS = 60  # ten in any ten seconds
RST_STREAM = 3


def attack(scene: Scene) -> None:
    folder = scene.work / "modules"
    files = [Module.of(number + 2, SMALL).write(folder / f"{number}.wasm") for number in range(MODULES - 1)]
    _await_listed(scene, MODULES)
    for path in ("/modules", "/plugin.wasm"):
        _stall(scene, path, 60 if scene.quick else 1000)
    # Each module takes a descriptor.
    for file in files:
        file.unlink()
    _await_listed(scene, 1)


def _await_listed(scene: Scene, count: int) -> None:
    scene.server.process.send_signal(signal.SIGHUP)
    is_so = scene.await_until(lambda: _listed(scene) == count, 20.0) is not None
    scene.require(is_so, f"not {count} modules are served")


def _listed(scene: Scene) -> int:
    answer = http1.get(scene.server.port, "/modules")
    modules = json.loads(answer.body)["modules"] if answer else []
    return sum(module["state"] == "current" for module in modules)


def _stall(scene: Scene, path: str, count: int) -> None:
    before, warnings, begin = scene.anon(), scene.server.access_warnings, time.monotonic()
    opening = [
        http2.raw(8, 0, 0, (LARGE - 65535).to_bytes(4, "big")),
        http2.request(1, "/plugin.wasm"),
        *(http2.request(2 * number + 3, path) for number in range(STREAMS - 1)),
    ]
    connections = []
    for _ in range(count):
        try:
            connection = http2.Connection(scene.server.port, {4: 0})
        except OSError:
            continue
        connection.send(*opening)
        connections.append(connection)
    most, resets, gone = 0.0, 0, None
    while time.monotonic() - begin < SECONDS:
        for connection in connections:
            connection.send(http2.raw(8, 0, 1, CREDIT.to_bytes(4, "big")))
            for frame in connection.read():
                resets += type(frame).__name__ == "RstStreamFrame" and frame.stream_id != 1
        most = max(most, scene.anon() - before)
        cut = sum(connection.is_over for connection in connections)
        if gone is None and resets + cut * (STREAMS - 1) >= len(connections) * (STREAMS - 1):
            gone = time.monotonic() - begin
        time.sleep(0.5)
    for connection in connections:
        connection.close()
    told = scene.server.access_warnings - warnings
    scene.tell(
        f"{path}: {len(connections)} × {STREAMS} streams, {most:+.0f} MB, {resets} reset, {cut} connections ended, "
        f"all gone after {'never' if gone is None else f'{gone:.1f} s'}, "
        f"{told} lines of cut answers"
    )
    scene.require(most <= MOST_MEMORY, f"{most:.0f} MB for answers that nobody takes")
    scene.require(told <= MOST_WARNINGS, f"{told} lines of cut answers")
    scene.require(gone is not None, f"stalled streams are kept for more than {GONE:.0f} s")


ROW = Row(
    45, "Stalled documents", "growth ≤ 32 MB; stalled streams gone in 30 s", attack,
    flags=lambda _binary, _work: ["--retain", "0"],
)  # fmt: skip
