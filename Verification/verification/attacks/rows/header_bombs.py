# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 3, heads that are too large, and HPACK bombs: a few bytes that decode to megabytes."""

from hpack.hpack import encode_integer

from verification.attacks.fixture import AttackFixture, row
from verification.clients import http1, http2, sockets
from verification.clients.http1 import status_of
from verification.clients.http2 import CONTINUATION, END_HEADERS, HEADERS
from verification.clients.sessions import get_over_http2
from verification.server import kernel

CONNECTIONS = 50
MEGABYTE_EACH = 1.0
PATIENCE = 5.0


def _head(*lines: str) -> bytes:
    return http1.request("/health", *lines)


HTTP1 = {
    "65 fields": (_head(*(f"X-{n}: a" for n in range(64))), 431),
    "10,000 fields": (_head(*(f"X-{n}: a" for n in range(10_000))), 431),
    "9 KiB field": (_head("X: " + "a" * 9216), 431),
    "33 KiB head": (_head(*(f"X-{n}: {'a' * 6800}" for n in range(5))), 431),
    "endless name": (_head("X" * 100_000), 431),
    "10 KiB URL": (http1.request("/" + "a" * 10240), 414),
    "endless URL": (b"GET /" + b"a" * 1_000_000, 414),
    "endless method": (b"G" * 1_000_000, 414),
    "only CRLF": (b"\r\n" * 50_000, 431),
}
HTTP2 = {
    "65 fields": ("/health", [(f"x-{n}", "a") for n in range(61)], 431),
    "9 KiB field": ("/health", [("x", "a" * 9216)], 431),
    "10 KiB URL": ("/" + "a" * 10240, [], 414),
}
REQUEST = http2.request_block("/health")
# RFC 7541 §6.2.1: a literal that goes into the dynamic table as entry 62, which one byte then repeats.
ENTRY = b"\x40" + bytes(encode_integer(1, 7)) + b"x" + bytes(encode_integer(4000, 7)) + b"a" * 4000
SMALL_ENTRY = b"\x40\x01x\x00"
BOMBS = {
    "HPACK bomb (CVE-2016-6581)": [REQUEST + ENTRY + b"\xbe" * 16_000],
    "HPACK bomb in the next head": [REQUEST + ENTRY, REQUEST + b"\xbe" * 16_000],
    "1-byte fields (CVE-2026-28980)": [REQUEST + SMALL_ENTRY + b"\xbe" * 60_000],
    "empty names (CVE-2019-9516)": [REQUEST + b"\x00\x00\x00" * 20_000],
    "huge integer": [REQUEST + b"\x7f" + b"\xff" * 200 + b"\x0f"],
    "index out of the table": [REQUEST + b"\xff\xff\xff\xff\x07"],
    "table size updates": [b"\x20\x3f\xe1\x1f" * 4000 + REQUEST],
}


@row(3, "Header bombs", "431, 414 or the end; < 1 MB each")
def attack(fixture: AttackFixture) -> None:
    for form, (payload, expected) in HTTP1.items():
        answer = http1.exchange(fixture.port, payload)
        fixture.require(answer.statuses == [expected], f"{form}: {answer.statuses}")
        fixture.require(answer.is_closed, f"{form}: left open")
    for form, (path, fields, expected) in HTTP2.items():
        status = status_of(get_over_http2(fixture.port, path, *fields))
        fixture.require(status == expected, f"h2 {form}: {status}")
    for form, blocks in BOMBS.items():
        _bomb(fixture, form, blocks)


def _bomb(fixture: AttackFixture, form: str, blocks: list[bytes]) -> None:
    """Sends a bomb on many connections at once; each must be ended, or the stream be reset or answered with 431."""
    before = kernel.memory(fixture.server.pid)
    connections = [http2.Connection(fixture.port) for _ in range(CONNECTIONS)]
    for connection in connections:
        for number, block in enumerate(blocks):
            connection.send(*_header_frames(2 * number + 1, block))
    fixture.await_until(lambda: sum(map(_is_refused, connections)) == CONNECTIONS, PATIENCE)
    growth = (kernel.memory(fixture.server.pid).rss - before.rss) / CONNECTIONS
    ended = sum(_is_refused(connection) for connection in connections)
    sockets.close_all(connections)
    fixture.report(f"{form}: {ended}/{CONNECTIONS} refused, {growth:+.2f} MB each")
    fixture.require(ended == CONNECTIONS, f"{form}: {CONNECTIONS - ended} connections go on")
    fixture.require(growth < MEGABYTE_EACH, f"{form}: {growth:.2f} MB for each connection")


def _is_refused(connection: http2.Connection) -> bool:
    connection.read()
    return connection.is_over or connection.resets > 0 or "431" in connection.statuses


def _header_frames(stream: int, block: bytes) -> list[bytes]:
    """HEADERS and as many CONTINUATION frames as the block needs."""
    pieces = [block[at : at + 16384] for at in range(0, len(block), 16384)]
    kinds = [(HEADERS, 0x1)] + [(CONTINUATION, 0)] * (len(pieces) - 1)
    flags = [flag | (END_HEADERS if number == len(pieces) - 1 else 0) for number, (_, flag) in enumerate(kinds)]
    return [http2.raw(kind, flag, stream, piece) for (kind, _), flag, piece in zip(kinds, flags, pieces, strict=True)]
