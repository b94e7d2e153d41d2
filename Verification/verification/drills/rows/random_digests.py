# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A flood of requests for digests that nobody has, at one of three replicas: its peers hardly notice."""

import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from verification.clients.bystander import LIMIT_MILLISECONDS, Bystander
from verification.drills.campaign import peer_flags
from verification.drills.digest_flood import Finder, flood
from verification.fixture import Fixture, Row
from verification.server.kernel import Memory, Peak
from verification.server.process import WasmServer, free_ports
from verification.sources.module import Module
from verification.threads import Repeating

ADDRESSES = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
COUNT, QUICK_COUNT = 1_000_000, 50_000
CONNECTIONS = 1100  # more than of one client may wait for the peers (1024): the others are turned away as fast as they ask
WARM_UP, PERIOD, QUICK_PERIOD = 5, 30, 5  # seconds of one flood
MOST_SECONDS = 240.0
MEMORY_LIMIT = 16.0  # MB
SIZE, RARE_SIZE = 1_000_000, 100_000
RARE, RARE_INTERVAL = 20, 2.0
LISTS = 'wasm_server_peer_requests_total{request="list"'
SLACK = 2  # rounds that begin before the first second and after the last


def run(fixture: Fixture) -> None:
    shared = Module.plugin(1, SIZE)
    rare = [Module.plugin(2 + number, RARE_SIZE) for number in range(RARE)]
    source = shared.write(fixture.work / "shared" / "plugin.wasm").parent
    changing = shared.write(fixture.work / "changing" / "plugin.wasm").parent
    with ExitStack() as stack:
        flooded, *peers = _start(fixture, stack, [[source], [source], [changing]])
        port = flooded.port
        peak = stack.enter_context(Peak(flooded.pid))
        flood(port, "/", "", CONNECTIONS, WARM_UP)  # connections have a price, which is not the digests'
        peak.reset()
        finder = Finder(port, rare, peers[-1], changing)
        before = _asked(flooded)
        bystander = Bystander(port, shared.digest)
        begin = time.monotonic()
        with Repeating(finder.find_next, RARE_INTERVAL):
            outcomes = _flood(fixture, port)
        seconds = time.monotonic() - begin
        bystander.stop()
        lookups = (_asked(flooded) - before) / len(peers)
        growth = peak.growth
        fixture.require(flooded.is_running, "the server ended")
    _judge(fixture, outcomes, seconds, bystander, lookups, growth, finder)


def _asked(server: WasmServer) -> float:
    """How often it has asked peers for lists, whatever came of it."""
    return sum(count for name, count in server.metrics().items() if name.startswith(LISTS))


def _start(fixture: Fixture, stack: ExitStack, sources: list[list[Path]]) -> list[WasmServer]:
    """Three replicas, of which the last one's modules will change."""
    port, operations = free_ports(2, tuple(ADDRESSES))
    flags, ports = peer_flags(ADDRESSES, port), (port, operations)
    return [
        stack.enter_context(WasmServer(fixture.binary, own, *flags, host=host, ports=ports))
        for host, own in zip(ADDRESSES, sources, strict=True)
    ]


def _flood(fixture: Fixture, port: int) -> Counter[str]:
    count, period = (QUICK_COUNT, QUICK_PERIOD) if fixture.quick else (COUNT, PERIOD)
    outcomes, begin = Counter(), time.monotonic()
    while outcomes.total() < count and time.monotonic() - begin < MOST_SECONDS:
        outcomes += flood(port, "/sha256/", ".wasm", CONNECTIONS, period)
    return outcomes


def _judge(
    fixture: Fixture, outcomes: Counter[str], seconds: float, bystander: Bystander, lookups: float, growth: Memory, finder: Finder
) -> None:
    fixture.tell(
        f"{outcomes.total():,} requests in {seconds:.0f} s: {outcomes['not_found']:,} × 404, "
        f"{outcomes['unavailable']:,} × 503, {outcomes['other']:,} other, {outcomes['broken']:,} broken; "
        f"bystander {bystander.right}/{len(bystander.fetches)} p99 {bystander.p99:.0f} ms; each peer asked "
        f"{lookups / seconds:.2f} times a second; "
        f"rss {growth.rss:+.1f} anon {growth.anon:+.1f} MB; {finder.found} of {finder.asked} real digests found "
        f"({finder.retried} at the second try)"
    )
    fixture.require(fixture.quick or outcomes.total() >= COUNT, f"only {outcomes.total():,} requests in the time")
    fixture.require(not outcomes["other"] and not outcomes["broken"], "answers that are neither 404 nor 503")
    fixture.require(not bystander.problems, f"the bystander got {sorted(set(bystander.problems))[:3]}")
    fixture.require(bystander.p99 < LIMIT_MILLISECONDS, f"p99 is not below {LIMIT_MILLISECONDS:.0f} ms")
    fixture.require(lookups <= seconds + SLACK, "peers were asked more than once a second")
    fixture.require(lookups > 0, "peers were never asked")
    fixture.require(max(growth.rss, growth.anon) < MEMORY_LIMIT, f"memory grew by more than {MEMORY_LIMIT:.0f} MB")
    fixture.require(0 < finder.found == finder.asked, f"not found: {finder.problems}")


ROWS = [Row("random-digests", "peers asked ≤ once a second; bystander 100 %, p99 < 250 ms; < 16 MB", run)]
