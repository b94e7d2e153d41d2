# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 46, every slot held by readers just above the floor: whoever comes is served all the same."""

import itertools
import time

from harness import http1, sockets
from harness.errors import AttackError
from harness.scene import Row, Scene

SLOTS = 4096
SIP, PERIOD = 18_000, 7.0
NEWCOMERS, LIMIT = 5, 2.0
PAUSE = 0.001
SETTLED = 4.0  # from then on it shows how slowly they read
REQUEST = b"GET /plugin.wasm HTTP/1.1\r\nHost: attack\r\n\r\n"


def attack(scene: Scene) -> None:
    # The bystander has one.
    for addresses in (1, 64):
        _hold(scene, SLOTS - 1, addresses)


def _hold(scene: Scene, slots: int, addresses: int) -> None:
    sources = itertools.cycle(f"127.0.9.{host}" for host in range(1, addresses + 1))
    held = []
    for _ in range(slots):
        try:
            end = sockets.connect(scene.server.port, receive_buffer=4096, source=next(sources))
            end.sendall(REQUEST)
            end.setblocking(False)
        except OSError:
            continue
        held.append(end)
        time.sleep(PAUSE)  # what the system has to do for them is not what this row is about
    if len(held) < slots // 2:
        raise AttackError(f"only {len(held)} connections could be made")
    begin, served, slowest = time.monotonic(), 0, 0.0
    sips = 0
    while time.monotonic() - begin < SETTLED:
        sips = _sip(held, begin, sips)
    for number in range(NEWCOMERS):
        asked = time.monotonic()
        try:
            with sockets.connect(scene.server.port, source=f"127.0.8.{number + 1}") as end:
                end.settimeout(LIMIT)
                end.sendall(b"GET /health HTTP/1.1\r\nHost: attack\r\nConnection: close\r\n\r\n")
                served += end.recv(12) == b"HTTP/1.1 200"
        except OSError:
            pass
        slowest = max(slowest, time.monotonic() - asked)
        sips = _sip(held, begin, sips)
    for end in held:
        end.close()
    scene.await_until(lambda: http1.get(scene.server.port, "/health") is not None, 10.0)
    scene.tell(
        f"{len(held)} slots held from {addresses} addresses: {served}/{NEWCOMERS} newcomers served, "
        f"the slowest in {slowest:.1f} s"
    )
    scene.require(served == NEWCOMERS and slowest <= LIMIT, f"newcomers are not served within {LIMIT:.0f} s")


def _sip(held: list, begin: float, sips: int) -> int:
    """Everyone takes its sip once in a while."""
    if time.monotonic() - begin < sips * PERIOD:
        time.sleep(0.1)
        return sips
    for end in held:
        try:
            taken = 0
            while taken < SIP and (chunk := end.recv(SIP - taken)):
                taken += len(chunk)
        except OSError:
            pass
    return sips + 1


ROW = Row(
    46, "Held slots", "newcomers served ≤ 2 s while all slots are held", attack,
    flags=lambda _binary, _work: ["--max-connections", str(SLOTS)],
    is_bystander_kept=True,
    most_memory=40.0,  # 8 KB for each of so many connections
)  # fmt: skip
