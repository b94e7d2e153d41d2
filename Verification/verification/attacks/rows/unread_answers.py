# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Rows 9, 29 and 53, clients that ask and do not take: neither the server nor the system is left with their answers.

Flow control of HTTP/2 does not cover heads: a server that goes on reading requests must keep all those answers.
"""

import socket
import time
from collections.abc import Callable
from contextlib import ExitStack

from verification.attacks.fixture import AttackFixture, row
from verification.attacks.held_connections import Held, hold
from verification.clients import http1, http2, sockets
from verification.clients.http2 import INITIAL_WINDOW_SIZE, LARGEST_WINDOW
from verification.server import kernel

CONNECTIONS = 50
STEP = 1000
BYTES_EACH = 1_500_000
SECONDS = 18.0
PIECE, PAUSE = 6 << 10, 0.05  # slow enough to leave the processor alone: this row is about memory
CLIENTS = 150
LIMIT = 30.0  # 20 s for a client that takes nothing, and some for looking
RANGE = "Range: bytes=0-99999"

STREAMS = 100
TIME_LIMIT = 30.0
SLACK = 1.5
PATIENCE = 40.0
REQUESTS = b"".join(http2.request(2 * number + 1) for number in range(STREAMS))
CREDIT = [http2.window_update(2 * number + 1, 1) for number in range(STREAMS)]
ALL_CREDIT = b"".join(CREDIT)


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
        fixture.report(f"{form}: {sent / CONNECTIONS / 1000:.0f} kB of each taken, {cut} cut, anon {most - before:+.0f} MB")


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
            fixture.report(f"{form}: {most} unread at a time, {orphans} of no process, gone in {seconds:.0f} s")
            fixture.require(not unsent, f"{len(unsent)} unread answers are there after {LIMIT:.0f} s")
            fixture.require(orphans == 0, "the system holds unread answers of connections that nobody counts")


@row(9, "Zero windows, data dribble", "growth < 32 MB; each cut ≤ 30 s")
def keep_windows_shut(fixture: AttackFixture) -> None:
    """CVE-2019-9511 and CVE-2019-9517."""
    share = 10 if fixture.quick else 1
    _stall(fixture, "window 0", 1000 // share, 0)
    _stall(fixture, "1 byte a second", 100 // share, 1, dribble=lambda second: CREDIT[second % STREAMS])
    # 1,000 bytes a second with the heads of the frames: above the floor, so this is told and not required.
    _stall(fixture, "1 byte a second on each stream", 100 // share, 1, dribble=lambda _: ALL_CREDIT, is_slow=False)
    _stall(fixture, "open windows, closed socket (CVE-2019-9517)", 200 // share, LARGEST_WINDOW, reads=False)


def _stall(
    fixture: AttackFixture,
    form: str,
    count: int,
    window: int,
    reads: bool = True,
    dribble: Callable[[int], bytes] | None = None,
    is_slow: bool = True,
) -> None:
    begin, cpu, anon = time.monotonic(), fixture.cpu(), fixture.anon()
    held, settings, buffer = [], {INITIAL_WINDOW_SIZE: window}, None if reads else sockets.SMALL_BUFFER
    for connection in sockets.several(count, lambda: http2.Connection(fixture.port, settings, buffer)):
        connection.send(http2.OPEN_CONNECTION, REQUESTS)
        held.append(Held(form, connection.end, dribble, reads, begun=time.monotonic()))
    asked = time.monotonic() - begin
    time.sleep(1.0)
    growth = fixture.anon() - anon
    hold(fixture.port, held, PATIENCE)
    seconds = sorted(each.seconds for each in held if each.cut is not None)
    span = f"{seconds[0]:.1f}–{seconds[-1]:.1f} s" if seconds else "none"
    fixture.report(
        f"{form}: {len(held)} × {STREAMS} in {asked:.1f} s, anon {growth:+.0f} MB, "
        f"{len(seconds)} cut in {span}, {fixture.cpu() - cpu:.1f} s of CPU time"
    )
    if is_slow:
        missing = len(held) - len(seconds)
        fixture.require(not missing, f"{form}: {missing} of {len(held)} not cut in {PATIENCE:.0f} s")
        fixture.require(not seconds or seconds[-1] <= TIME_LIMIT + SLACK, f"{form}: cut only after {seconds[-1:]} s")
