# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Rows 35, 38 and 62, a hostile peer: what it invents or lists takes neither memory nor what gateways are configured with."""

import time
from contextlib import suppress
from pathlib import Path

from verification.attacks.fixture import AttackFixture, row
from verification.attacks.hostile_peer import HostilePeer, peer_flags
from verification.clients import http1, sockets
from verification.server import kernel
from verification.server.process import free_ports
from verification.sources.module import UNKNOWN, Module

PORT = free_ports(1)[0]
INVENTED, QUICK_INVENTED = {35: 12, 62: 16}, 8
CLEARED = 60.0  # seconds: each that is kept holds a descriptor until its time is over

EVICTING_SIZE = 1_000_000  # a quarter of 8 MiB has room for two of them
VERSIONS = [Module.of(seed, EVICTING_SIZE) for seed in (101, 102, 103)]

BRACKETS = 1_300_000  # 3.9 MB
DEPTH = 1_000_000
SEARCHES = 5
MOST_GROWTH = 8.0  # MB: twice the list

SENT_SIZE = 2_000_000  # more than what the system takes of a download that nobody reads
MEMORY, LARGEST = 8 << 20, 5 << 20
TRICKLE = 16 << 10
SENDING_FLAGS = peer_flags(PORT, "--retain-memory", str(MEMORY), "--max-module-size", str(LARGEST), "--retain", "40s")
SLACK = 1 << 20  # pages, and what is sealed beside the modules


def evicting_flags(work: Path) -> list[str]:
    """Beside the bystander's module there is another from the start, which changes."""
    VERSIONS[0].write(work / "modules" / "other.wasm")
    return peer_flags(PORT, "--retain-memory", "8MiB", "--retain", "20s")


@row(35, "Peer that evicts", "what was served here stays, whatever is searched for", flags=evicting_flags)
def evict(fixture: AttackFixture) -> None:
    """What was served before is fetched by its digest after searches that are to displace it."""
    server = fixture.server
    for module in VERSIONS:
        module.replace(fixture.modules / "other.wasm")
        server.reload()
        fixture.await_announced(server, "/other.wasm", module, 20.0, "a version was not taken over")
    former = VERSIONS[:-1]
    invented = _invented(fixture, 35, 200, EVICTING_SIZE)
    with HostilePeer(PORT, invented) as peer:
        statuses = [server.status(module.path) for module in invented]
        intact = [server.serves(module.path, module.content) for module in former]
        fixture.require(set(statuses) == {200}, f"what the peer has was answered with {statuses}")
        fixture.require(peer.fetches >= len(invented), f"the peer was asked for {peer.fetches} modules only")
    fixture.require(all(intact), f"what was served here before: {intact.count(False)} of {len(intact)} are gone")
    fixture.await_until(lambda: not server.modules("kept"), CLEARED, "what was kept is kept for longer than asked")
    size = EVICTING_SIZE / 1e6
    fixture.report(f"{len(invented)} invented modules of {size:.0f} MB fetched, what was served before is still there")


@row(38, "List of brackets", "503; memory < twice the list", flags=peer_flags(PORT))
def list_brackets(fixture: AttackFixture) -> None:
    """Searches have a list read again and again that would be many times its size as a tree of JSON."""
    flat = b'{"modules":[' + b",".join([b"[]"] * BRACKETS) + b"]}"
    forms = {"flat": flat, "deep": b'{"modules":' + b"[" * DEPTH, "words": b'{"modules":["' + b"a" * len(flat) + b'"]}'}
    before = fixture.anon()
    for name, document in forms.items():
        with HostilePeer(PORT, [], lambda document=document: document) as peer:
            statuses = {fixture.server.status(UNKNOWN) for _ in range(SEARCHES)}
            fixture.require(peer.lists > 0, f"{name}: the list was not asked for")
            # Words are read to their end, and list nothing.
            fixture.require(statuses == ({404} if name == "words" else {503}), f"{name}: answered {sorted(statuses, key=str)}")
    growth = fixture.anon() - before
    size = f"{len(flat) / 1e6:.1f} MB"
    fixture.require(growth < MOST_GROWTH, f"memory grew by {growth:.1f} MB for lists of {size}")
    fixture.report(f"{len(forms)} lists of {size}, each read up to {SEARCHES} times: memory +{growth:.1f} MB")


@row(62, "Dropped modules that are being sent", "--retain-memory and two modules", flags=SENDING_FLAGS)
def hold_dropped(fixture: AttackFixture) -> None:
    """Searches for one module after another, and takes next to nothing of each: what is dropped is in memory while it is sent."""
    before, most = _sealed(fixture), 0
    invented = _invented(fixture, 62, 300, SENT_SIZE)
    held, statuses = [], []
    with HostilePeer(PORT, invented):
        for module in invented:
            end = sockets.ask(fixture.port, http1.request(module.path), reads=False)
            statuses.append(int(end.recv(12).split()[-1]))
            end.setblocking(False)
            held.append(end)
            for other in held:
                with suppress(OSError):
                    other.recv(TRICKLE)
            most = max(most, _sealed(fixture) - before)
        limit = MEMORY + 2 * LARGEST + SLACK
        counts = ", ".join(f"{statuses.count(status)} × {status}" for status in sorted(set(statuses)))
        fixture.report(f"{len(invented)} modules of {SENT_SIZE / 1e6:.0f} MB: {counts}, {most / 1e6:.1f} MB in memory")
        fixture.require(most <= limit, f"{most / 1e6:.0f} MB are in memory, and not {limit / 1e6:.0f}")
        fixture.require(set(statuses) <= {200, 503}, f"answers: {counts}")
        sockets.close_all(held)
        fixture.await_until(lambda: _is_given(fixture, invented[-1]), 20.0, "once nothing is sent any more, a search still fails")
    kept = MEMORY + SLACK
    shrunk = fixture.await_until(lambda: _sealed(fixture) - before <= kept, 10.0)
    stays = (_sealed(fixture) - before) / 1e6
    fixture.require(shrunk is not None, f"{stays:.0f} MB stay in memory, and not {kept / 1e6:.0f}")
    fixture.await_until(lambda: _sealed(fixture) - before <= SLACK, CLEARED, "what was kept is kept for longer than asked")


def _invented(fixture: AttackFixture, row: int, first: int, size: int) -> list[Module]:
    return [Module.of(first + number, size) for number in range(QUICK_INVENTED if fixture.quick else INVENTED[row])]


def _is_given(fixture: AttackFixture, module: Module) -> bool:
    is_given = fixture.server.serves(module.path, module.content)
    time.sleep(0.5)
    return is_given


def _sealed(fixture: AttackFixture) -> int:
    return kernel.sealed_bytes([fixture.server.pid])
