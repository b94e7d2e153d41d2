# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Rows 6, 7 and 8: heads that never end, frames that cost the sender nothing, and updates of windows that nobody counts."""

from collections.abc import Callable

from verification.attacks.fixture import AttackFixture, row
from verification.clients import http2
from verification.clients.http2 import CONTINUATION, DATA, END_HEADERS, GOAWAY, HEADERS, PING, PRIORITY, RST_STREAM, SETTINGS, raw

FRAMES = 10_000
MOST_FRAMES = 7
MOST_CONTROL_FRAMES = 201
MOST_EMPTY_FRAMES = 2
UPDATES, CHUNK = 1_000_000, 10_000
MOST_CPU = 1.0  # seconds
BLOCK = http2.request_block("/health")
OPEN = http2.headers(1, http2.request_block("/plugin.wasm"), END_HEADERS)
TABLE_SIZE = b"\0\x01\0\0\x10\0"

Step = Callable[[int], bytes]
"""What is sent at the n-th step."""


def _endless(first: bytes, piece: bytes) -> Step:
    return lambda number: first if number == 0 else raw(CONTINUATION, 0, 1, piece)


def _trailers(number: int) -> bytes:
    opening = [http2.headers(1, BLOCK, END_HEADERS), raw(HEADERS, 0x1, 1, b"\0\x01x\x01a")]
    return opening[number] if number < len(opening) else raw(CONTINUATION, 0, 1, b"\0")


def _same(frame: bytes, opening: bytes = b"") -> Step:
    return lambda number: (opening if number == 0 else b"") + frame


def _settings(number: int) -> bytes:
    """Changes the windows of all streams to and fro, which is work."""
    return http2.settings({http2.INITIAL_WINDOW_SIZE: 65535 - number % 2})


HEAD = raw(HEADERS, 0x1, 1, BLOCK)
HEADS = {
    "1 byte": _endless(HEAD, b"\x82"),
    "empty": _endless(HEAD, b""),
    "16 KiB": _endless(HEAD, b"\0\x01x\x7f\x81\x7f" + b"a" * 16_378),
    "empty HEADERS": _endless(raw(HEADERS, 0x1, 1), b""),
    "trailers": _trailers,
}
DEPENDENCY = b"\0\0\0\0\x10"
CONTROL = {
    "PING": _same(raw(PING, 0, 0, b"12345678")),
    "PING ACK": _same(raw(PING, 1, 0, b"12345678")),
    "SETTINGS": _same(raw(SETTINGS, 0, 0)),
    "SETTINGS of windows": _settings,
    "SETTINGS of 1,000 values": _same(raw(SETTINGS, 0, 0, TABLE_SIZE * 1000)),
    "SETTINGS ACK": _same(raw(SETTINGS, 1, 0)),
    "PRIORITY": _same(raw(PRIORITY, 0, 1, DEPENDENCY)),
    "PRIORITY of idle streams": lambda number: raw(PRIORITY, 0, 2 * number + 1, DEPENDENCY),
    "unknown frames": _same(raw(0xFA, 0, 0)),
    "RST_STREAM of a closed stream": _same(raw(RST_STREAM, 0, 1, b"\0\0\0\x08"), OPEN),
    "GOAWAY": _same(raw(GOAWAY, 0, 0, b"\x7f\xff\xff\xff\0\0\0\0"), OPEN),
}
EMPTY = {"empty DATA": _same(raw(DATA, 0, 1), OPEN), "padded empty DATA": _same(raw(DATA, 0x8, 1, b"\0"), OPEN)}
# The row names PING, SETTINGS, PRIORITY and empty frames. The others may go on if they cost next to nothing.
NAMED = {"PING", "SETTINGS", "SETTINGS of windows", "SETTINGS of 1,000 values", "PRIORITY", "PRIORITY of idle streams"}


@row(6, "CONTINUATION flood", "ended at 7 frames")
def never_end_heads(fixture: AttackFixture) -> None:
    """CONTINUATION flood (CVE-2024-27316)."""
    figures = {}
    for form, step in HEADS.items():
        ended = http2.flood(fixture.port, step, FRAMES)
        figures[form] = str(ended)
        fixture.require(ended.has_ended and ended.steps <= MOST_FRAMES + 1, f"{form}: {ended}, not by {MOST_FRAMES}")
    fixture.report_each(figures)


@row(7, "PING, SETTINGS, PRIORITY, empty", "by 201 frames; 2 empty ones")
def send_control_frames(fixture: AttackFixture) -> None:
    """CVE-2019-9512, 9513, 9515 and 9518."""
    figures = {}
    for form, step in (CONTROL | EMPTY).items():
        before = fixture.cpu()
        ended = http2.flood(fixture.port, step, FRAMES)
        cpu = fixture.cpu() - before
        figures[form] = str(ended)
        if form in NAMED:
            fixture.require(ended.has_ended and ended.steps <= MOST_CONTROL_FRAMES, f"{form}: {ended}")
        if form == "empty DATA":
            fixture.require(ended.has_ended and ended.steps <= MOST_EMPTY_FRAMES, f"{form}: {ended}")
        fixture.require(cpu < MOST_CPU or form in EMPTY, f"{form}: {cpu:.1f} s of CPU time")
    fixture.report_each(figures)


@row(8, "WINDOW_UPDATE flood", "ended, or < 1 s of CPU time")
def update_windows(fixture: AttackFixture) -> None:
    """WINDOW_UPDATE frames, which swift-nio-http2 does not count."""
    count = UPDATES // 10 if fixture.quick else UPDATES
    for form, stream in (("connection", 0), ("stream", 1)):
        before = fixture.cpu()
        sent, is_over = _update_until_over(fixture.port, stream, count)
        cpu = fixture.cpu() - before
        fixture.report(f"{form}: {'ended' if is_over else 'not ended'} after {sent:,}, {cpu:.2f} s of CPU time")
        fixture.require(is_over or cpu < MOST_CPU, f"{form}: {cpu:.2f} s of CPU time for {sent:,} updates")


def _update_until_over(port: int, stream: int, count: int) -> tuple[int, bool]:
    with http2.Connection(port, {http2.INITIAL_WINDOW_SIZE: 0}) as connection:
        connection.send(http2.request(1))
        connection.read(0.2)
        chunk = http2.window_update(stream, 1) * CHUNK
        sent = 0
        while sent < count and not connection.is_over:
            connection.send(chunk)
            sent += CHUNK
            connection.read()
        # An answer to a PING comes when everything before it was processed.
        connection.send(raw(PING, 0, 0, b"the end."))
        while not connection.is_over:
            frames = connection.read(5.0)
            if not frames or any(frame.type == PING for frame in frames):
                break
        return sent, connection.is_over
