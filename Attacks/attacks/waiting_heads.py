# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 61, requests with heads as large as may be, whose answers are not taken: over HTTP/2 a field again is one byte."""

import time

from harness import http2, sockets
from harness.scene import Row, Scene

INDEXED, USER_AGENT, FIRST_ENTRY = 0x40, 58, 62  # RFC 7541 §6.2.1, Appendix A
VALUE = b"u" * 3900
LINES = 8
LARGE_FIELD = bytes([INDEXED | USER_AGENT, 0x7F, (len(VALUE) - 127) & 0x7F | 0x80, (len(VALUE) - 127) >> 7]) + VALUE
AGAIN = bytes([0x80 | FIRST_ENTRY])
HTTP1_HEAD = "".join(f"user-agent: {'u' * 7000}\r\n" for _ in range(4))
HTTP1 = f"GET /plugin.wasm HTTP/1.1\r\nhost: a\r\n{HTTP1_HEAD}\r\n".encode()
WAIT = 2.0
MOST_EACH = 0.04  # MB of a connection,
MOST_OF_AN_ANSWER = 0.003  # and of each answer that waits on it


def attack(scene: Scene) -> None:
    _stall(scene, 4, 900)
    _stall(scene, 60 if scene.quick else 300, 4)
    _stall_http1(scene, 60 if scene.quick else 300)


def _stall(scene: Scene, count: int, streams: int) -> None:
    """Asks on so many streams of each connection, with windows of 0."""
    anon, sent, connections = scene.anon(), 0, []
    for _ in range(count):
        connection = http2.Connection(scene.server.port, {4: 0})
        requests = b"".join(_request(2 * number + 1, number == 0) for number in range(streams))
        connection.send(requests)
        sent += len(requests)
        connections.append(connection)
    time.sleep(WAIT)
    _judge(scene, f"{count} × {streams} HTTP/2 answers", scene.anon() - anon, sent, count, count * streams)
    for connection in connections:
        connection.close()


def _request(stream: int, is_first: bool) -> bytes:
    fields = LARGE_FIELD + AGAIN * (LINES - 1) if is_first else AGAIN * LINES
    return http2.raw(1, 0x5, stream, http2.request_block("/plugin.wasm") + fields)


def _stall_http1(scene: Scene, count: int) -> None:
    anon, connections = scene.anon(), []
    for _ in range(count):
        connections.append(sockets.connect(scene.server.port, 4096))
        connections[-1].sendall(HTTP1)
    time.sleep(WAIT)
    _judge(scene, f"{count} HTTP/1.1 answers", scene.anon() - anon, count * len(HTTP1), count, count)
    for connection in connections:
        connection.close()


def _judge(scene: Scene, form: str, growth: float, sent: int, connections: int, answers: int) -> None:
    most = connections * MOST_EACH + answers * MOST_OF_AN_ANSWER + 1.0
    scene.tell(f"{form} with heads of 28 KB and more, {sent / 1e6:.1f} MB sent: anon {growth:+.1f} MB")
    scene.require(growth <= most, f"{form}: {growth:.0f} MB are held, and not {most:.0f}")


ROW = Row(61, "Large heads whose answers wait", "3 KB of each at most", attack)
