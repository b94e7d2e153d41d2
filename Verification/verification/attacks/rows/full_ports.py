# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Rows 46 and 52, a port that others keep full: whoever comes is served all the same, and the limit holds."""

import itertools
import time
from contextlib import ExitStack, suppress
from functools import partial

from verification.attacks.fixture import AttackFixture, row
from verification.clients import http1, sockets
from verification.programs import VerificationError
from verification.threads import PeriodicThread, ThreadGroup, at_once

SLOTS = {46: 4096, 52: 200}
FLAGS = {row: ["--max-connections", str(slots)] for row, slots in SLOTS.items()}
MEMORY = 40.0  # 8 KB for each of so many connections
ATTACKERS, NEWCOMERS = "127.0.9", "127.0.8"
SIP, PERIOD = 18_000, 7.0
NEWCOMER_COUNT, NEWCOMER_LIMIT = 5, 2.0
SETTLED = 4.0  # from then on it shows how slowly they read
HELD, QUEUED = 180, 300
COMING, GATEWAYS, LIMIT = 4, 20, 10.0
PAUSES = {46: 0.001, 52: 0.02}  # what the system has to do for them is not what a row is about
HEALTH, DOWNLOAD = http1.request("/health"), http1.request("/plugin.wasm")
OPEN = 'wasm_server_open_connections{listener="data"}'


@row(
    46, "Held slots", "newcomers served ≤ 2 s while all slots are held", flags=FLAGS[46], is_bystander_kept=True, most_memory=MEMORY
)
def hold_slots(fixture: AttackFixture) -> None:
    """Every slot is held by readers just above the floor. The bystander has one."""
    for addresses in (1, 64):
        _hold(fixture, SLOTS[46] - 1, addresses)


def _hold(fixture: AttackFixture, slots: int, addresses: int) -> None:
    sources = itertools.cycle(f"{ATTACKERS}.{host}" for host in range(1, addresses + 1))
    held = []
    for _ in range(slots):
        held += sockets.several(1, lambda: sockets.ask(fixture.port, DOWNLOAD, reads=False, source=next(sources)))
        time.sleep(PAUSES[46])
    if len(held) < slots // 2:
        raise VerificationError(f"only {len(held)} connections could be made")
    for end in held:
        end.setblocking(False)
    begin, sips, served, slowest = time.monotonic(), 0, 0, 0.0
    while time.monotonic() - begin < SETTLED:
        sips = _sip(held, begin, sips)
    for number in range(NEWCOMER_COUNT):
        asked = time.monotonic()
        with suppress(OSError), sockets.connect(fixture.port, source=f"{NEWCOMERS}.{number + 1}") as end:
            end.settimeout(NEWCOMER_LIMIT)
            end.sendall(http1.request("/health", closes=True))
            served += end.recv(12) == b"HTTP/1.1 200"
        slowest = max(slowest, time.monotonic() - asked)
        sips = _sip(held, begin, sips)
    sockets.close_all(held)
    fixture.await_until(lambda: fixture.server.get("/health") is not None, 10.0)
    newcomers = f"{served}/{NEWCOMER_COUNT} newcomers served, the slowest in {slowest:.1f} s"
    fixture.report(f"{len(held)} slots held from {addresses} addresses: {newcomers}")
    are_served = served == NEWCOMER_COUNT and slowest <= NEWCOMER_LIMIT
    fixture.require(are_served, f"newcomers are not served within {NEWCOMER_LIMIT:.0f} s")


def _sip(held: list, begin: float, sips: int) -> int:
    """Everyone takes its sip once in a while."""
    if time.monotonic() - begin < sips * PERIOD:
        time.sleep(0.1)
        return sips
    for end in held:
        with suppress(OSError):
            taken = 0
            while taken < SIP and (chunk := end.recv(SIP - taken)):
                taken += len(chunk)
    return sips + 1


@row(52, "Full port", "limit of connections exact; gateways behind one address served", flags=FLAGS[52], is_bystander_kept=True)
def keep_full(fixture: AttackFixture) -> None:
    """One address keeps it full, with more in the queue: gateways behind another address are served."""
    attacker, proxy = f"{ATTACKERS}.1", f"{NEWCOMERS}.1"
    with ExitStack() as ends:
        for _ in range(HELD + QUEUED):
            ends.enter_context(sockets.ask(fixture.port, HEALTH, source=attacker))
        whole: list[bool] = []
        gateways = at_once(GATEWAYS, lambda _: whole.append(_download(fixture, proxy)))
        coming = [PeriodicThread(partial(_come_and_go, fixture.port, attacker), PAUSES[52]) for _ in range(COMING)]
        with ThreadGroup(coming), ThreadGroup(gateways):
            most, begin = 0, time.monotonic()
            while any(gateway.is_alive() for gateway in gateways) and time.monotonic() - begin < 3 * LIMIT:
                most = max(most, int(fixture.server.metrics().get(OPEN, 0)))
                time.sleep(PAUSES[52])
            seconds = time.monotonic() - begin
    served = f"{sum(whole)}/{GATEWAYS} gateways behind one address served within {seconds:.1f} s"
    fixture.report(f"{served}, {most} connections open")
    fixture.require(most <= SLOTS[52], f"there are more than {SLOTS[52]} connections")
    fixture.require(sum(whole) == GATEWAYS, "gateways behind one address are not served")


def _come_and_go(port: int, source: str) -> None:
    """Each that ends lets another in."""
    with suppress(OSError), sockets.ask(port, HEALTH, source=source) as end:
        end.settimeout(1.0)
        end.recv(1)


def _download(fixture: AttackFixture, source: str) -> bool:
    with suppress(OSError):
        return fixture.server.serves("/plugin.wasm", fixture.module.content, source=source, limit=LIMIT)
    return False
