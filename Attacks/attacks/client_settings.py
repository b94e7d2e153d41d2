# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 60, SETTINGS that ask for memory: a table of 4 GiB for HPACK, settings that nobody knows, many at once."""

import time

from hyperframe.frame import DataFrame, HeadersFrame

from harness import http2
from harness.scene import Row, Scene

HEADER_TABLE_SIZE, INITIAL_WINDOW_SIZE = 1, 4
LARGE = (1 << 31) - 1
OPEN_CONNECTION = http2.raw(8, 0, 0, (LARGE - 65535).to_bytes(4, "big"))
BATCH = 90
PATIENCE = 60.0
MOST_GROWTH = 2.0  # of what an answer costs; a table that grows is searched for each field of each
FRAMES, SETTINGS_EACH, FIRST_UNKNOWN = 190, 32, 0x1000
MOST_MEMORY_EACH = 0.04  # MB; each has asked for 6,080
ENHANCE_YOUR_CALM = 11


def attack(scene: Scene) -> None:
    _grow_table(scene, 3_000 if scene.quick else 12_000)
    _name_unknown(scene, 200 if scene.quick else 300)
    _send_many(scene)


def _send_many(scene: Scene) -> None:
    """Sends a frame that is full of settings."""
    with http2.Connection(scene.server.port) as connection:
        connection.send(_settings(range(FIRST_UNKNOWN, FIRST_UNKNOWN + 2700)))
        scene.await_until(lambda: connection.read() is not None and connection.is_over, PATIENCE)
        code = connection.goaway.error_code if connection.goaway else None
    scene.tell(f"2,700 settings in a frame: GOAWAY {code}")
    scene.require(code == ENHANCE_YOUR_CALM, f"2,700 settings in a frame: GOAWAY {code}")


def _grow_table(scene: Scene, answers: int) -> None:
    """Asks for one range after another, each of which has fields that no answer had before."""
    connection = http2.Connection(scene.server.port, {HEADER_TABLE_SIZE: 0xFFFFFFFF, INITIAL_WINDOW_SIZE: LARGE})
    with connection:
        connection.send(OPEN_CONNECTION)
        costs = []
        third = answers // 3 // BATCH * BATCH
        for begin in range(0, 3 * third, third):
            cpu = scene.cpu()
            count = sum(_ask(scene, connection, first) for first in range(begin, begin + third, BATCH))
            costs.append((scene.cpu() - cpu) / max(count, 1) * 1000)
    figures = " → ".join(f"{cost:.2f}" for cost in costs)
    scene.tell(f"a table of 4 GiB: {3 * third:,} answers, {figures} ms each")
    scene.require(costs[-1] <= costs[0] * MOST_GROWTH, f"an answer costs more and more: {figures} ms")


def _ask(scene: Scene, connection: http2.Connection, first: int) -> int:
    requests = []
    for number in range(first, first + BATCH):
        block = http2.request_block("/plugin.wasm", ("range", f"bytes={number}-{number + 1 + number % 7}"))
        requests.append(HeadersFrame(2 * number + 1, block, flags=["END_HEADERS", "END_STREAM"]))
    connection.send(*requests)
    answered, deadline = 0, time.monotonic() + PATIENCE
    while answered < BATCH and time.monotonic() < deadline and not connection.is_over:
        frames = connection.read(0.1)
        answered += sum(isinstance(frame, DataFrame) and "END_STREAM" in frame.flags for frame in frames)
    scene.require(answered == BATCH, f"{answered} of {BATCH} ranges were answered")
    return answered


def _name_unknown(scene: Scene, count: int) -> None:
    """Names thousands of settings on each connection, as slowly as is let pass."""
    connections = [http2.Connection(scene.server.port) for _ in range(count)]
    for number in range(FRAMES):
        first = FIRST_UNKNOWN + number * SETTINGS_EACH
        for connection in connections:
            connection.send(_settings(range(first, first + SETTINGS_EACH)))
            connection.read()
        if number == 0:
            time.sleep(0.5)
            anon = scene.anon()
    time.sleep(0.5)
    each = (scene.anon() - anon) / count
    for connection in connections:
        connection.read()
    scene.require(not any(connection.is_over for connection in connections), "unknown settings ended connections")
    scene.tell(f"{FRAMES * SETTINGS_EACH:,} unknown settings: {each * 1000:.0f} KB for a connection")
    scene.require(each <= MOST_MEMORY_EACH, f"{each * 1000:.0f} KB are kept of each connection's unknown settings")
    for connection in connections:
        connection.close()


def _settings(identifiers: range) -> bytes:
    return http2.raw(4, 0, 0, b"".join(identifier.to_bytes(2, "big") + b"\0\0\0\1" for identifier in identifiers))


ROW = Row(60, "SETTINGS that ask for memory", "an answer costs the same; unknown ones are forgotten", attack)
