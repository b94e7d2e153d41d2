# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 3, heads that are too large, and HPACK bombs: a few bytes that decode to megabytes."""

from hpack.hpack import encode_integer

from harness import http1, http2, kernel
from harness.scene import Row, Scene

CONNECTIONS = 50
MEGABYTE_EACH = 1.0
PATIENCE = 5.0


def _head(*lines: str) -> bytes:
    return "\r\n".join(["GET /health HTTP/1.1", "Host: a", *lines, "", ""]).encode()


HTTP1 = {
    "65 fields": (_head(*(f"X-{n}: a" for n in range(64))), 431),
    "10,000 fields": (_head(*(f"X-{n}: a" for n in range(10_000))), 431),
    "9 KiB field": (_head("X: " + "a" * 9216), 431),
    "33 KiB head": (_head(*(f"X-{n}: {'a' * 6800}" for n in range(5))), 431),
    "endless name": (_head("X" * 100_000), 431),
    "10 KiB URL": (b"GET /" + b"a" * 10240 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    "endless URL": (b"GET /" + b"a" * 1_000_000, 414),
    "endless method": (b"G" * 1_000_000, 414),
    "only CRLF": (b"\r\n" * 50_000, 431),
}
HTTP2 = {
    "65 fields": ([(f"x-{n}", "a") for n in range(61)], 431),
    "9 KiB field": ([("x", "a" * 9216)], 431),
}


def attack(scene: Scene) -> None:
    port = scene.server.port
    for form, (payload, expected) in HTTP1.items():
        answer = http1.exchange(port, payload)
        scene.require(answer.statuses == [expected], f"{form}: {answer.statuses}")
        scene.require(answer.is_closed, f"{form}: left open")
    for form, (fields, expected) in HTTP2.items():
        answer = http2.get(port, "/health", *fields)
        scene.require(answer is not None and answer.status == expected, f"h2 {form}: {answer and answer.status}")
    url = http2.get(port, "/" + "a" * 10240)
    scene.require(url is not None and url.status == 414, f"h2 10 KiB URL: {url and url.status}")
    for form, blocks in BOMBS.items():
        _bomb(scene, form, blocks)


def _bomb(scene: Scene, form: str, blocks: list[bytes]) -> None:
    """Sends a bomb on many connections at once; each must be ended or the stream be refused."""
    before = kernel.memory(scene.server.pid)
    connections = [http2.Connection(scene.server.port) for _ in range(CONNECTIONS)]
    for connection in connections:
        for number, block in enumerate(blocks):
            connection.send(*_header_frames(2 * number + 1, block))
    scene.await_until(lambda: all([_is_refused(connection) for connection in connections]), PATIENCE)
    growth = (kernel.memory(scene.server.pid).rss - before.rss) / CONNECTIONS
    ended = sum(_is_refused(connection) for connection in connections)
    for connection in connections:
        connection.close()
    scene.tell(f"{form}: {ended}/{CONNECTIONS} refused, {growth:+.2f} MB each")
    scene.require(ended == CONNECTIONS, f"{form}: {CONNECTIONS - ended} connections go on")
    scene.require(growth < MEGABYTE_EACH, f"{form}: {growth:.2f} MB for each connection")


def _is_refused(connection: http2.Connection) -> bool:
    connection.read()
    return connection.is_over or connection.resets > 0


def _header_frames(stream: int, block: bytes) -> list[bytes]:
    """HEADERS and as many CONTINUATION frames as the block needs."""
    pieces = [block[at : at + 16384] for at in range(0, len(block), 16384)]
    kinds = [(1, 0x1)] + [(9, 0)] * (len(pieces) - 1)
    flags = [flag | (0x4 if number == len(pieces) - 1 else 0) for number, (_, flag) in enumerate(kinds)]
    return [http2.raw(kind, flag, stream, piece) for (kind, _), flag, piece in zip(kinds, flags, pieces, strict=True)]


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

ROW = Row(3, "Header bombs", "431, 414 or the end; < 1 MB each", attack)
