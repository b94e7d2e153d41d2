# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Rows 4 and 5: requests that are taken back before they can be answered, and frames that make the server do so itself."""

import time
from collections.abc import Callable

from verification.attacks.fixture import AttackFixture, row
from verification.clients import http2
from verification.clients.http2 import DATA, END_HEADERS, END_STREAM, HEADERS, LARGEST_WINDOW, PRIORITY, RST_STREAM, headers, raw

STREAMS = {4: 10_000, 5: 5_000}
MOST_RESETS = 201
MOST_WARNINGS = 20  # of cut answers: ten in any ten seconds
CANCEL = (8).to_bytes(4, "big")
BLOCK = http2.request_block("/plugin.wasm")

Step = Callable[[int], bytes]
"""What is sent of the n-th stream."""


def _each_stream(*frames: Callable[[int], bytes]) -> Step:
    return lambda number: b"".join(frame(2 * number + 1) for frame in frames)


def _cancelled(path: str, flags: int = END_HEADERS | END_STREAM) -> Step:
    block = http2.request_block(path)
    return _each_stream(lambda stream: headers(stream, block, flags), lambda stream: raw(RST_STREAM, 0, stream, CANCEL))


def _broken(*frames: Callable[[int], bytes]) -> Step:
    """A complete request for the module, then what breaks its stream."""
    return _each_stream(lambda stream: headers(stream, BLOCK), *frames)


def _window_update(increment: int) -> Callable[[int], bytes]:
    return lambda stream: http2.window_update(stream, increment)


def _priority(dependency: Callable[[int], int], length: int) -> Callable[[int], bytes]:
    return lambda stream: raw(PRIORITY, 0, stream, (dependency(stream).to_bytes(4, "big") + b"\x10\0\0")[:length])


CANCELLED = {
    "module": _cancelled("/plugin.wasm"),
    "small answer": _cancelled("/plugin.wasm.sha256"),
    "404": _cancelled("/nothing"),
    "open request": _cancelled("/plugin.wasm", END_HEADERS),
}
TOO_SHORT = http2.request_block("/plugin.wasm", ("content-length", "1"))
# Of every primitive: what a server may make a stream error of; a connection error ends the flood at once.
PRIMITIVES = {
    "window overflow": _broken(_window_update(LARGEST_WINDOW)),
    "window overflow in two": _broken(_window_update((1 << 31) - 65536), _window_update(LARGEST_WINDOW)),
    "zero increment": _broken(_window_update(0)),
    "HEADERS after END_STREAM": _broken(lambda stream: headers(stream, BLOCK)),
    "DATA after END_STREAM": _broken(lambda stream: raw(DATA, 0, stream, b"a")),
    "PRIORITY of 6 bytes": _broken(_priority(lambda _: 0, 6)),
    "PRIORITY of 4 bytes": _broken(_priority(lambda _: 0, 4)),
    "self-dependency": _broken(_priority(lambda stream: stream, 5)),
    "self-dependency in HEADERS": _each_stream(
        lambda stream: raw(HEADERS, 0x25, stream, stream.to_bytes(4, "big") + b"\x10" + BLOCK)
    ),
    "malformed head": _each_stream(lambda stream: headers(stream, BLOCK + b"\0\x01X\x01a")),
    "content-length too small": _each_stream(
        lambda stream: headers(stream, TOO_SHORT, END_HEADERS), lambda stream: raw(DATA, END_STREAM, stream, b"aa")
    ),
}


@row(4, "Rapid reset", "GOAWAY by 201 resets")
def cancel(fixture: AttackFixture) -> None:
    """Rapid reset (CVE-2023-44487)."""
    figures = {}
    for form, step in CANCELLED.items():
        ended = http2.flood(fixture.port, step, STREAMS[4])
        figures[form] = str(ended)
        fixture.require(ended.has_ended and ended.steps <= MOST_RESETS, f"{form}: {ended}, not by {MOST_RESETS}")
    fixture.report_each(figures)
    _reconnect(fixture, 2.0 if fixture.quick else 10.0)


def _reconnect(fixture: AttackFixture, seconds: float) -> None:
    """The same from one connection after another: what is left is what a connection costs."""
    burst = b"".join(CANCELLED["module"](number) for number in range(MOST_RESETS))
    begin, cpu, warnings, count = time.monotonic(), fixture.cpu(), fixture.server.access_warnings, 0
    while time.monotonic() - begin < seconds:
        with http2.Connection(fixture.port) as connection:
            connection.send(burst)
            connection.read(0.05)
            count += 1
    told = fixture.server.access_warnings - warnings
    share = (fixture.cpu() - cpu) / seconds
    fixture.report(f"reconnecting: {count} connections in {seconds:.0f} s, {share:.0%} CPU, {told} lines of cut answers")
    fixture.require(told <= MOST_WARNINGS, f"{told} lines of cut answers")


@row(5, "MadeYouReset", "at most 201 resets a connection")
def make_reset(fixture: AttackFixture) -> None:
    """MadeYouReset (CVE-2025-8671)."""
    figures = {}
    for primitive, step in PRIMITIVES.items():
        for windows, values in (("", None), (" at window 0", {http2.INITIAL_WINDOW_SIZE: 0})):
            ended = http2.flood(fixture.port, step, STREAMS[5], values)
            figures[primitive + windows] = f"{ended}, {ended.resets} resets"
            fixture.require(ended.has_ended, f"{primitive}{windows}: {ended}")
            fixture.require(ended.resets <= MOST_RESETS, f"{primitive}{windows}: {ended.resets} resets")
    fixture.report_each(figures)
