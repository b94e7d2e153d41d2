# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 60, SETTINGS that ask for memory: a table of 4 GiB for HPACK, settings that nobody knows, many at once."""

import time

from hyperframe.frame import DataFrame

from verification.attacks.fixture import AttackFixture, row
from verification.clients import http2, sockets
from verification.clients.http2 import ENHANCE_YOUR_CALM, HEADER_TABLE_SIZE, INITIAL_WINDOW_SIZE, LARGEST_WINDOW

BATCH = 90
PATIENCE = 60.0
MOST_GROWTH = 2.0  # of what an answer costs; a table that grows is searched for each field of each
FRAMES, SETTINGS_EACH, FIRST_UNKNOWN = 190, 32, 0x1000
MOST_MEMORY_EACH = 0.04  # MB; each has asked for 6,080


@row(60, "SETTINGS that ask for memory", "an answer costs the same; unknown ones are forgotten")
def attack(fixture: AttackFixture) -> None:
    _grow_table(fixture, 3_000 if fixture.quick else 12_000)
    _name_unknown(fixture, 200 if fixture.quick else 300)
    _send_many(fixture)


def _grow_table(fixture: AttackFixture, answers: int) -> None:
    """Asks for one range after another, each of which has fields that no answer had before."""
    with http2.Connection(fixture.port, {HEADER_TABLE_SIZE: 0xFFFFFFFF, INITIAL_WINDOW_SIZE: LARGEST_WINDOW}) as connection:
        connection.send(http2.OPEN_CONNECTION)
        costs = []
        third = answers // 3 // BATCH * BATCH
        for begin in range(0, 3 * third, third):
            cpu = fixture.cpu()
            count = sum(_ask(fixture, connection, first) for first in range(begin, begin + third, BATCH))
            costs.append((fixture.cpu() - cpu) / max(count, 1) * 1000)
    figures = " → ".join(f"{cost:.2f}" for cost in costs)
    fixture.report(f"a table of 4 GiB: {3 * third:,} answers, {figures} ms each")
    fixture.require(costs[-1] <= costs[0] * MOST_GROWTH, f"an answer costs more and more: {figures} ms")


def _ask(fixture: AttackFixture, connection: http2.Connection, first: int) -> int:
    ranges = {number: f"bytes={number}-{number + 1 + number % 7}" for number in range(first, first + BATCH)}
    connection.send(*(http2.request(2 * number + 1, "/plugin.wasm", ("range", asked)) for number, asked in ranges.items()))
    answered, deadline = 0, time.monotonic() + PATIENCE
    while answered < BATCH and time.monotonic() < deadline and not connection.is_over:
        frames = connection.read(0.1)
        answered += sum(isinstance(frame, DataFrame) and "END_STREAM" in frame.flags for frame in frames)
    fixture.require(answered == BATCH, f"{answered} of {BATCH} ranges were answered")
    return answered


def _name_unknown(fixture: AttackFixture, count: int) -> None:
    """Names thousands of settings on each connection, as many as are let pass, within the time that a first request may take."""
    connections = [http2.Connection(fixture.port) for _ in range(count)]
    for number in range(FRAMES):
        first = FIRST_UNKNOWN + number * SETTINGS_EACH
        frame = _settings(range(first, first + SETTINGS_EACH))
        for connection in connections:
            connection.send(frame)
            connection.read()
        if number == 0:
            time.sleep(0.5)
            anon = fixture.anon()
    time.sleep(0.5)
    each = (fixture.anon() - anon) / count
    for connection in connections:
        connection.read()
    fixture.require(not any(connection.is_over for connection in connections), "unknown settings ended connections")
    fixture.report(f"{FRAMES * SETTINGS_EACH:,} unknown settings: {each * 1000:.0f} KB for a connection")
    fixture.require(each <= MOST_MEMORY_EACH, f"{each * 1000:.0f} KB are kept of each connection's unknown settings")
    sockets.close_all(connections)


def _send_many(fixture: AttackFixture) -> None:
    """Sends a frame that is full of settings."""
    with http2.Connection(fixture.port) as connection:
        connection.send(_settings(range(FIRST_UNKNOWN, FIRST_UNKNOWN + 2700)))
        fixture.await_until(lambda: connection.read() is not None and connection.is_over, PATIENCE)
        outcome = f"2,700 settings in a frame: GOAWAY {connection.code}"
    fixture.report(outcome)
    fixture.require(connection.code == ENHANCE_YOUR_CALM, outcome)


def _settings(names: range) -> bytes:
    return http2.settings(dict.fromkeys(names, 1))
