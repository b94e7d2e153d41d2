# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A day's worth of churn in 20 minutes: modules, peers and TLS files change all the time; nothing grows, nobody misses anything."""

import threading
import time
from collections import Counter

from verification.clients import tls
from verification.clients.sessions import PROTOCOLS, HTTP1Session
from verification.drills.churning import HOSTS, RETAIN, SENTINEL, Churn, Replicas, Samples, Updates
from verification.drills.readers import Reader, SlowReader, plain
from verification.fixture import Fixture, Row
from verification.server import kernel
from verification.server.process import WasmServer
from verification.sources.mounts import BREAKS, Rotation
from verification.threads import PeriodicThread, ThreadGroup

SECONDS, QUICK_SECONDS = 1200.0, 90.0
PARTS = 5
LATEST = 5.0  # seconds until an update is announced
ROTATED, RESTARTED = 7, 11  # steps between two
SAMPLED, LOOKED = 0.5, 0.1
MOST_GROWTH, QUICK_GROWTH = 6.0, 16.0  # MB of the heap from the second part to the last one; at first it grows
SETTLED = RETAIN + 15.0
TRIES, AGAIN = 2, 1.0
PAUSE = 0.1
SLOW_READERS = 4


def run(fixture: Fixture) -> None:
    churn = Churn(fixture.work / "modules")
    authority = tls.Authority.at(fixture.work / "authority", tls.NAME, *HOSTS)
    rotation = Rotation(authority, fixture.work / "tls")
    replicas = Replicas(fixture, fixture.work / "modules", rotation, authority)
    with replicas.start(HOSTS[0]) as server:
        try:
            _churn(fixture, churn, replicas, server)
        finally:
            replicas.end()


def _churn(fixture: Fixture, churn: Churn, replicas: Replicas, server: WasmServer) -> None:
    rotation, updates = replicas.rotation, Updates(server, SENTINEL)
    server.get("/modules")
    fixture.await_until(lambda: not kernel.owned_connections(server.port), 5.0)
    before, at_first = kernel.descriptors(server.pid), kernel.memory(server.pid)
    samples, clients = Samples(server), _clients(server, replicas, churn)
    sought: Counter[str] = Counter()
    length = (QUICK_SECONDS if fixture.quick else SECONDS) / PARTS
    searches: list[threading.Thread] = []
    with PeriodicThread(samples.take, SAMPLED), PeriodicThread(updates.look, LOOKED), ThreadGroup(clients):
        begin = time.monotonic()
        while time.monotonic() - begin < PARTS * length:
            if time.monotonic() - begin > len(samples.parts) * length:
                samples.parts.append([])
            step = time.monotonic()
            _step(churn, server, updates)
            if churn.steps % ROTATED == 0:
                _rotate(rotation, churn.steps // ROTATED)
            if churn.steps % RESTARTED == 0 and not any(search.is_alive() for search in searches):
                searches = [threading.Thread(target=_restart_and_search, args=(replicas, server, sought))]
                searches[0].start()
            time.sleep(max(0.0, 1.0 - (time.monotonic() - step)))
        for search in searches:
            search.join()
    churn.settle()
    replicas.end()
    settled = fixture.await_until(lambda: kernel.descriptors(server.pid) <= before, SETTLED)
    after = kernel.memory(server.pid)
    fetches, slowest = sum(client.bodies for client in clients), max(client.slowest for client in clients)
    problems = sum((client.problems for client in clients), Counter())
    medians = [samples.median(part) for part in range(len(samples.parts))]
    descriptors = kernel.descriptors(server.pid)
    fixture.report(
        f"{churn.steps} reloads, {fetches:,} fetches, {problems.total()} failed, slowest {slowest:.2f} s, latest update "
        f"{updates.latest:.1f} s; {rotation.swaps} certificates, {sought.total()} peers started, "
        f"{', '.join(f'{count} × {how}' for how, count in sought.most_common())}"
    )
    fixture.report(
        f"RSS/anon/descriptors: {', '.join(f'{rss:.0f}/{anon:.0f}/{files:.0f}' for rss, anon, files in medians)}; "
        f"before {at_first.rss:.0f}/{at_first.anon:.0f}/{before}, after {after.rss:.0f}/{after.anon:.0f}/{descriptors}"
    )
    fixture.require(server.is_running, "the server ended")
    fixture.require(not problems, f"{problems.most_common(5)}")
    fixture.require(updates.latest <= LATEST, f"an update was announced after {updates.latest:.1f} s")
    fixture.require(not sought["failed"], f"{sought['failed']} modules of peers were not found")
    fixture.require(settled is not None, f"{descriptors} descriptors are left, of {before} at first")
    growth = medians[-1][1] - medians[1][1]
    most = QUICK_GROWTH if fixture.quick else MOST_GROWTH
    fixture.require(growth <= most, f"memory grew by {growth:.1f} MB since the second part")


def _clients(server: WasmServer, replicas: Replicas, churn: Churn) -> list[Reader | SlowReader]:
    """Two of each protocol, two over TLS, and some slow ones."""
    context, versions = replicas.authority.trusts(), dict.fromkeys(churn.names, ())
    connects = [plain(server.port, protocol) for protocol in PROTOCOLS]
    connects.append(lambda: HTTP1Session(tls.connect(server.ports["tls"], context)))
    fast = [Reader(connect, versions, PAUSE) for connect in connects for _ in range(2)]
    return [*fast, *(SlowReader(server.port, churn.large) for _ in range(SLOW_READERS))]


def _step(churn: Churn, server: WasmServer, updates: Updates) -> None:
    churn.step()
    updates.write(churn.sentinel.digest)
    if churn.steps % 2 == 0:
        server.reload()


def _rotate(rotation: Rotation, number: int) -> None:
    """Good files, and broken ones, in turns."""
    if number % 2:
        rotation.broken(list(BREAKS)[number // 2 % len(BREAKS)])
    else:
        rotation.good()


def _restart_and_search(replicas: Replicas, server: WasmServer, sought: Counter) -> None:
    """A peer's own module is found here, at the second try at the latest."""
    module = replicas.restart_one()
    for number in range(TRIES):
        if server.serves(module.path, module.content):
            sought[f"found at try {number + 1}"] += 1
            return
        time.sleep(AGAIN)
    sought["failed"] += 1


ROWS = [Row("churn", "no failed fetch; updates ≤ 5 s; memory and descriptors flat", run)]
