# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Rows 45 and 61, answers whose clients do not take them: documents on a hundred streams, and those to heads as large as may be."""

import time

from hyperframe.frame import RstStreamFrame

from verification.attacks.fixture import AttackFixture, row
from verification.clients import http1, http2, sockets
from verification.clients.http2 import INITIAL_WINDOW_SIZE
from verification.fixture import in_seconds
from verification.sources.module import put_many

MODULES, SMALL = 200, 400
STREAMS = 100
SECONDS, GONE = 40.0, 30.0
CREDIT = 16 << 10  # a second on the one stream, which is more than the floor of a connection
MOST_MEMORY = 32.0
MOST_WARNINGS = 60  # ten in any ten seconds

INDEXED, USER_AGENT, FIRST_ENTRY = 0x40, 58, 62  # RFC 7541 §6.2.1, Appendix A
VALUE = b"u" * 3900
LINES = 8
LARGE_FIELD = bytes([INDEXED | USER_AGENT, 0x7F, (len(VALUE) - 127) & 0x7F | 0x80, (len(VALUE) - 127) >> 7]) + VALUE
AGAIN = bytes([0x80 | FIRST_ENTRY])
HTTP1 = http1.request("/plugin.wasm", *(["user-agent: " + "u" * 7000] * 4))
WAIT = 2.0
MOST_EACH = 0.04  # MB of a connection,
MOST_OF_AN_ANSWER = 0.003  # and of each answer that waits on it


@row(45, "Stalled documents", "growth ≤ 32 MB; stalled streams gone in 30 s", flags=["--retain", "0"])
def stall_documents(fixture: AttackFixture) -> None:
    """They are asked for and never taken, while one stream of each connection is kept going.

    Each stream that is given up is an answer that was cut, which the log must not have a line of for each.
    """
    files = put_many(fixture.modules, MODULES - 1, SMALL, 2)
    _await_listed(fixture, MODULES)
    for path in ("/modules", "/plugin.wasm"):
        _stall(fixture, path, 60 if fixture.quick else 1000)
    # Each module takes a descriptor.
    for file in files:
        file.unlink()
    _await_listed(fixture, 1)


def _await_listed(fixture: AttackFixture, count: int) -> None:
    fixture.server.reload()
    fixture.await_until(lambda: len(fixture.server.modules()) == count, 20.0, f"not {count} modules are served")


def _stall(fixture: AttackFixture, path: str, count: int) -> None:
    before, warnings, begin = fixture.anon(), fixture.server.access_warnings, time.monotonic()
    stalled = [http2.request(2 * number + 3, path) for number in range(STREAMS - 1)]
    connections = sockets.several(count, lambda: http2.Connection(fixture.port, {INITIAL_WINDOW_SIZE: 0}))
    for connection in connections:
        connection.send(http2.OPEN_CONNECTION, http2.request(1), *stalled)
    most, resets, gone = 0.0, 0, None
    while time.monotonic() - begin < SECONDS:
        for connection in connections:
            connection.send(http2.window_update(1, CREDIT))
            resets += sum(isinstance(frame, RstStreamFrame) and frame.stream_id != 1 for frame in connection.read())
        most = max(most, fixture.anon() - before)
        cut = sum(connection.is_over for connection in connections)
        if gone is None and resets + cut * len(stalled) >= len(connections) * len(stalled):
            gone = time.monotonic() - begin
        time.sleep(0.5)
    sockets.close_all(connections)
    told = fixture.server.access_warnings - warnings
    fixture.report(
        f"{path}: {len(connections)} × {STREAMS} streams, {most:+.0f} MB, {resets} reset, {cut} connections ended, "
        f"all gone after {in_seconds(gone)}, {told} lines of cut answers"
    )
    fixture.require(most <= MOST_MEMORY, f"{most:.0f} MB for answers that nobody takes")
    fixture.require(told <= MOST_WARNINGS, f"{told} lines of cut answers")
    fixture.require(gone is not None, f"stalled streams are kept for more than {GONE:.0f} s")


@row(61, "Large heads whose answers wait", "3 KB of each at most")
def stall_large_heads(fixture: AttackFixture) -> None:
    """Over HTTP/2 a field again is one byte."""
    count = 60 if fixture.quick else 300
    _ask_with_large_heads(fixture, 4, 900)
    _ask_with_large_heads(fixture, count, 4)
    before = fixture.anon()
    ends = sockets.several(count, lambda: sockets.ask(fixture.port, HTTP1, reads=False))
    time.sleep(WAIT)
    _judge(fixture, f"{count} HTTP/1.1 answers", before, len(HTTP1), ends, count)


def _ask_with_large_heads(fixture: AttackFixture, count: int, streams: int) -> None:
    """Asks on so many streams of each connection, with windows of 0."""
    before, connections = fixture.anon(), []
    requests = b"".join(_large_head(2 * number + 1, number == 0) for number in range(streams))
    for _ in range(count):
        connections.append(http2.Connection(fixture.port, {INITIAL_WINDOW_SIZE: 0}))
        connections[-1].send(requests)
    time.sleep(WAIT)
    _judge(fixture, f"{count} × {streams} HTTP/2 answers", before, len(requests), connections, count * streams)


def _large_head(stream: int, is_first: bool) -> bytes:
    fields = LARGE_FIELD + AGAIN * (LINES - 1) if is_first else AGAIN * LINES
    return http2.headers(stream, http2.request_block("/plugin.wasm") + fields)


def _judge(fixture: AttackFixture, form: str, before: float, sent_each: int, connections: list, answers: int) -> None:
    growth, sent = fixture.anon() - before, sent_each * len(connections) / 1e6
    most = len(connections) * MOST_EACH + answers * MOST_OF_AN_ANSWER + 1.0
    fixture.report(f"{form} with heads of 28 KB and more, {sent:.1f} MB sent: anon {growth:+.1f} MB")
    fixture.require(growth <= most, f"{form}: {growth:.0f} MB are held, and not {most:.0f}")
    sockets.close_all(connections)
