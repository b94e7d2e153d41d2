# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 9, answers that are asked for and never taken (CVE-2019-9511, CVE-2019-9517)."""

import time
from collections.abc import Callable

from verification.attacks.fixture import AttackFixture, row
from verification.attacks.held_connections import Held, hold
from verification.clients import http2, sockets
from verification.clients.http2 import INITIAL_WINDOW_SIZE, LARGEST_WINDOW

STREAMS = 100
TIME_LIMIT = 30.0
SLACK = 1.5
PATIENCE = 40.0
REQUESTS = b"".join(http2.request(2 * number + 1) for number in range(STREAMS))
CREDIT = [http2.window_update(2 * number + 1, 1) for number in range(STREAMS)]
ALL_CREDIT = b"".join(CREDIT)


@row(9, "Zero windows, data dribble", "growth < 32 MB; each cut ≤ 30 s")
def attack(fixture: AttackFixture) -> None:
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
    fixture.tell(
        f"{form}: {len(held)} × {STREAMS} in {asked:.1f} s, anon {growth:+.0f} MB, "
        f"{len(seconds)} cut in {span}, {fixture.cpu() - cpu:.1f} s of CPU time"
    )
    if is_slow:
        missing = len(held) - len(seconds)
        fixture.require(not missing, f"{form}: {missing} of {len(held)} not cut in {PATIENCE:.0f} s")
        fixture.require(not seconds or seconds[-1] <= TIME_LIMIT + SLACK, f"{form}: cut only after {seconds[-1:]} s")
