# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 9, answers that are asked for and never taken (CVE-2019-9511, CVE-2019-9517)."""

import time

from harness import http2
from harness.holding import Held, hold
from harness.scene import Row, Scene

STREAMS = 100
TIME_LIMIT = 30.0
SLACK = 1.5
PATIENCE = 40.0
LARGE = (1 << 31) - 1
OPEN_CONNECTION = http2.raw(8, 0, 0, (LARGE - 65535).to_bytes(4, "big"))
REQUESTS = b"".join(http2.request(2 * number + 1).serialize() for number in range(STREAMS))
CREDIT = [http2.raw(8, 0, 2 * number + 1, b"\0\0\0\x01") for number in range(STREAMS)]

ALL_CREDIT = b"".join(CREDIT)


def attack(scene: Scene) -> None:
    share = 10 if scene.quick else 1
    _stall(scene, "window 0", 1000 // share, {4: 0})
    _stall(scene, "1 byte a second", 100 // share, {4: 1}, dribble=lambda second: CREDIT[second % STREAMS])
    # 1,000 bytes a second with the heads of the frames: above the floor, so this is told and not required.
    _stall(scene, "1 byte a second on each stream", 100 // share, {4: 1}, dribble=lambda _: ALL_CREDIT, is_slow=False)
    _stall(scene, "open windows, closed socket (CVE-2019-9517)", 200 // share, {4: LARGE}, reads=False)


def _stall(
    scene: Scene,
    form: str,
    count: int,
    settings: dict[int, int],
    reads: bool = True,
    dribble=None,
    is_slow: bool = True,
) -> None:
    begin, cpu, anon = time.monotonic(), scene.cpu(), scene.anon()
    connections = []
    for _ in range(count):
        try:
            connection = http2.Connection(scene.server.port, settings, receive_buffer=None if reads else 4096)
        except OSError:
            continue
        connection.send(OPEN_CONNECTION, REQUESTS)
        connections.append(Held(form, connection.end, dribble, reads, begun=time.monotonic()))
    asked = time.monotonic() - begin
    time.sleep(1.0)
    growth = scene.anon() - anon
    hold(scene.server.port, connections, PATIENCE)
    seconds = sorted(held.seconds for held in connections if held.cut is not None)
    span = f"{seconds[0]:.1f}–{seconds[-1]:.1f} s" if seconds else "none"
    scene.tell(
        f"{form}: {len(connections)} × {STREAMS} in {asked:.1f} s, anon {growth:+.0f} MB, "
        f"{len(seconds)} cut in {span}, {scene.cpu() - cpu:.1f} s of CPU time"
    )
    if not is_slow:
        return
    missing = len(connections) - len(seconds)
    scene.require(not missing, f"{form}: {missing} of {len(connections)} not cut in {PATIENCE:.0f} s")
    scene.require(not seconds or seconds[-1] <= TIME_LIMIT + SLACK, f"{form}: cut only after {seconds[-1:]} s")


ROW = Row(9, "Zero windows, data dribble", "growth < 32 MB; each cut ≤ 30 s", attack)
