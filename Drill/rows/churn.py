# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A day's worth of churn in 20 minutes: modules, peers and TLS files change all the time; nothing grows, nobody misses anything."""

import signal
import threading
import time
from collections import Counter

from drill.churning import SENTINEL, Churn
from drill.customers import customers
from drill.modules import digest_path
from drill.observed import Samples, Updates
from drill.passing_peers import HOSTS, RETAIN, ReplicaAuthority, Replicas
from drill.row import Row
from harness import http1, kernel
from harness.repeating import Repeating
from harness.rotation import BREAKS, Rotation
from harness.scene import Stage
from harness.server import WasmServer

SECONDS, QUICK_SECONDS = 1200.0, 90.0
PARTS = 5
LATEST = 5.0  # seconds until an update is announced
ROTATED, RESTARTED = 7, 11  # steps between two
SAMPLED, LOOKED = 0.5, 0.1
MOST_GROWTH, QUICK_GROWTH = 6.0, 16.0  # MB of the heap from the second part to the last one; at first it grows
SETTLED = RETAIN + 15.0
TRIES, AGAIN = 2, 1.0


def play(stage: Stage) -> None:
    churn = Churn(stage.work / "modules")
    authority = ReplicaAuthority.at(stage.work / "authority")
    rotation = Rotation(authority, stage.work / "tls")
    replicas = Replicas(stage, stage.work / "modules", rotation, authority)
    with replicas.start(HOSTS[0]) as server:
        try:
            _churn(stage, churn, replicas, server)
        finally:
            replicas.end()


def _churn(stage: Stage, churn: Churn, replicas: Replicas, server: WasmServer) -> None:
    rotation, updates = replicas.rotation, Updates(server.port, SENTINEL)
    http1.get(server.port, "/modules")
    stage.await_until(lambda: not kernel.owned_connections(server.port), 5.0)
    before, at_first = kernel.descriptors(server.pid), kernel.memory(server.pid)
    ended, samples = threading.Event(), Samples(server)
    clients = customers(server, replicas.authority.trusts(), churn.names, churn.large, ended)
    sought: Counter[str] = Counter()
    length = (QUICK_SECONDS if stage.quick else SECONDS) / PARTS
    searches: list[threading.Thread] = []
    for client in clients:
        client.start()
    with Repeating(samples.take, SAMPLED), Repeating(updates.look, LOOKED):
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
        ended.set()
        for thread in [*clients, *searches]:
            thread.join()
    churn.settle()
    replicas.end()
    settled = stage.await_until(lambda: kernel.descriptors(server.pid) <= before, SETTLED)
    after = kernel.memory(server.pid)
    fetches, slowest = sum(client.fetches for client in clients), max(client.slowest for client in clients)
    problems = sum((client.problems for client in clients), Counter())
    medians = [samples.median(part) for part in range(len(samples.parts))]
    stage.tell(
        f"{churn.steps} reloads, {fetches:,} fetches, {problems.total()} failed, slowest {slowest:.2f} s, latest update "
        f"{updates.latest:.1f} s; {rotation.swaps} certificates, {sought.total()} peers started, "
        f"{', '.join(f'{count} × {how}' for how, count in sought.most_common())}"
    )
    stage.tell(
        "RSS/anon/descriptors: "
        + ", ".join(f"{rss:.0f}/{anon:.0f}/{files:.0f}" for rss, anon, files in medians)
        + f"; before {at_first.rss:.0f}/{at_first.anon:.0f}/{before}, "
        f"after {after.rss:.0f}/{after.anon:.0f}/{kernel.descriptors(server.pid)}"
    )
    stage.require(server.is_running, "the server ended")
    stage.require(not problems, f"{problems.most_common(5)}")
    stage.require(updates.latest <= LATEST, f"an update was announced after {updates.latest:.1f} s")
    stage.require(not sought["failed"], f"{sought['failed']} modules of peers were not found")
    stage.require(settled is not None, f"{kernel.descriptors(server.pid)} descriptors are left, of {before} at first")
    growth = medians[-1][1] - medians[1][1]
    most = QUICK_GROWTH if stage.quick else MOST_GROWTH
    stage.require(growth <= most, f"memory grew by {growth:.1f} MB since the second part")


def _step(churn: Churn, server: WasmServer, updates: Updates) -> None:
    churn.step()
    updates.write(churn.sentinel.digest)
    if churn.steps % 2 == 0:
        server.process.send_signal(signal.SIGHUP)


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
        response = http1.get(server.port, digest_path(module.digest))
        if response is not None and response.status == 200 and response.body == module.content:
            sought[f"found at try {number + 1}"] += 1
            return
        time.sleep(AGAIN)
    sought["failed"] += 1


ROW = Row("churn", "no failed fetch; updates ≤ 5 s; memory and descriptors flat", play)
