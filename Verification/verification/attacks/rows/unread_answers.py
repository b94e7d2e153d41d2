# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Rows 29 and 53, clients that ask and do not read: neither the server nor the system is left with their answers.

Flow control of HTTP/2 does not cover heads: a server that goes on reading requests must keep all those answers.
"""

import socket
import time
from collections.abc import Callable
from contextlib import ExitStack

from verification.attacks.fixture import AttackFixture, row
from verification.clients import http1, http2, sockets
from verification.server import kernel

CONNECTIONS = 50
STEP = 1000
BYTES_EACH = 1_500_000
SECONDS = 18.0
PIECE, PAUSE = 6 << 10, 0.05  # slow enough to leave the processor alone: this row is about memory
CLIENTS = 150
LIMIT = 30.0  # 20 s for a client that takes nothing, and some for looking
RANGE = "Range: bytes=0-99999"


def _requests(method: str, path: str) -> Callable[[int], bytes]:
    block = http2.request_block(path, method=method)

    def step(number: int) -> bytes:
        streams = range(2 * number * STEP + 1, 2 * (number + 1) * STEP, 2)
        opening = http2.PREFACE + http2.settings({}) if number == 0 else b""
        return opening + b"".join(http2.headers(stream, block) for stream in streams)

    return step


ENDLESS = {
    "h2 HEAD": _requests("HEAD", "/health"),
    "h2 404": _requests("GET", "/nothing"),
    "h1 pipelined": lambda _: http1.request("/health") * STEP,
}
ENDING = {
    "Connection: close": http1.request("/plugin.wasm", RANGE, closes=True),
    "half-closed": http1.request("/plugin.wasm", RANGE),
}


@row(29, "Unread answers", "growth < 32 MB")
def ask_without_end(fixture: AttackFixture) -> None:
    """Akin to CVE-2019-9517."""
    for form, step in ENDLESS.items():
        before = fixture.anon()
        sent, cut, most = _flood(fixture, step)
        fixture.tell(f"{form}: {sent / CONNECTIONS / 1000:.0f} kB of each taken, {cut} cut, anon {most - before:+.0f} MB")


def _flood(fixture: AttackFixture, step: Callable[[int], bytes]) -> tuple[int, int, float]:
    """Bytes that the server took, how many connections it cut, and the most memory that it had."""
    requests = b"".join(step(number) for number in range(BYTES_EACH // len(step(1))))
    ends = {sockets.connect(fixture.port, sockets.SMALL_BUFFER): 0 for _ in range(CONNECTIONS)}
    cut, most, begin = set(), 0.0, time.monotonic()
    while time.monotonic() - begin < SECONDS:
        for end in ends.keys() - cut:
            end.setblocking(False)
            try:
                ends[end] += end.send(requests[ends[end] : ends[end] + PIECE])
            except BlockingIOError:
                pass
            except OSError:
                cut.add(end)
        most = max(most, fixture.anon())
        time.sleep(PAUSE)
    sockets.close_all(ends)
    return sum(ends.values()), len(cut), most


@row(53, "Unread ends", "no unread answer outlives its connection", is_bystander_kept=True)
def end_unread(fixture: AttackFixture) -> None:
    """Clients close their side, or have the connection closed, and never read."""
    for form, request in ENDING.items():
        with ExitStack() as ends:
            for _ in range(CLIENTS):
                end = ends.enter_context(sockets.ask(fixture.port, request, reads=False))
                if form == "half-closed":
                    end.shutdown(socket.SHUT_WR)
            begin, orphans, most = time.monotonic(), 0, 0
            while (unsent := kernel.unread_connections(fixture.port)) and time.monotonic() - begin < LIMIT:
                most = max(most, len(unsent))
                orphans = max(orphans, sum(not is_owned for is_owned in unsent))
                time.sleep(0.5)
            seconds = time.monotonic() - begin
            fixture.tell(f"{form}: {most} unread at a time, {orphans} of no process, gone in {seconds:.0f} s")
            fixture.require(not unsent, f"{len(unsent)} unread answers are there after {LIMIT:.0f} s")
            fixture.require(orphans == 0, "the system holds unread answers of connections that nobody counts")
