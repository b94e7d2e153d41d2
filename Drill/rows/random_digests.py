# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A flood of requests for digests that nobody has, at one of three replicas: its peers hardly notice."""

import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from drill.finder import Finder
from drill.flood import flood
from drill.metrics import metrics
from drill.modules import plugin
from drill.peak import Peak
from drill.replicas import peer_flags
from drill.row import Row
from harness import kernel
from harness.bystander import LIMIT_MILLISECONDS, Bystander
from harness.repeating import Repeating
from harness.replicas import free_ports
from harness.scene import Stage
from harness.server import WasmServer

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


def play(stage: Stage) -> None:
    shared = plugin(1, SIZE)
    rare = [plugin(2 + number, RARE_SIZE) for number in range(RARE)]
    source = shared.write(stage.work / "shared" / "plugin.wasm").parent
    changing = shared.write(stage.work / "changing" / "plugin.wasm").parent
    with ExitStack() as stack:
        flooded, *peers = _start(stage, stack, [[source], [source], [changing]])
        port = flooded.port
        peak = stack.enter_context(Peak(flooded.pid))
        flood(port, "/", "", CONNECTIONS, WARM_UP)  # connections have a price, which is not the digests'
        warm = peak.reset()
        finder = Finder(port, rare, peers[-1], changing)
        before = _asked(flooded)
        bystander = Bystander(port, shared.digest)
        begin = time.monotonic()
        with Repeating(finder.find_next, RARE_INTERVAL):
            outcomes = _flood(stage, port)
        seconds = time.monotonic() - begin
        bystander.stop()
        lookups = (_asked(flooded) - before) / len(peers)
        growth = kernel.Memory(peak.highest.rss - warm.rss, peak.highest.anon - warm.anon, 0)
        stage.require(flooded.is_running, "the server ended")
    _judge(stage, outcomes, seconds, bystander, lookups, growth, finder)


def _asked(server: WasmServer) -> float:
    """How often it has asked peers for lists, whatever came of it."""
    return sum(count for name, count in metrics(server).items() if name.startswith(LISTS))


def _start(stage: Stage, stack: ExitStack, sources: list[list[Path]]) -> list[WasmServer]:
    """Three replicas, of which the last one's modules will change."""
    port, operations = free_ports(2, tuple(ADDRESSES))
    flags = peer_flags(stage, ADDRESSES, port)
    return [
        stack.enter_context(
            WasmServer(stage.binary, own, *flags, host=host, port=port, operations_port=operations)
        )
        for host, own in zip(ADDRESSES, sources)
    ]


def _flood(stage: Stage, port: int) -> Counter[str]:
    count, period = (QUICK_COUNT, QUICK_PERIOD) if stage.quick else (COUNT, PERIOD)
    outcomes, begin = Counter(), time.monotonic()
    while outcomes.total() < count and time.monotonic() - begin < MOST_SECONDS:
        outcomes += flood(port, "/sha256/", ".wasm", CONNECTIONS, period)
    return outcomes


def _judge(
    stage: Stage,
    outcomes: Counter[str],
    seconds: float,
    bystander: Bystander,
    lookups: float,
    growth: kernel.Memory,
    finder: Finder,
) -> None:
    right = len(bystander.fetches) - len(bystander.problems)
    stage.tell(
        f"{outcomes.total():,} requests in {seconds:.0f} s: {outcomes['not_found']:,} × 404, "
        f"{outcomes['unavailable']:,} × 503, {outcomes['other']:,} other, {outcomes['broken']:,} broken; "
        f"bystander {right}/{len(bystander.fetches)} p99 {bystander.p99:.0f} ms; each peer asked "
        f"{lookups / seconds:.2f} times a second; "
        f"rss {growth.rss:+.1f} anon {growth.anon:+.1f} MB; {finder.found} of {finder.asked} real digests found "
        f"({finder.retried} at the second try)"
    )
    stage.require(stage.quick or outcomes.total() >= COUNT, f"only {outcomes.total():,} requests in the time")
    stage.require(not outcomes["other"] and not outcomes["broken"], "answers that are neither 404 nor 503")
    stage.require(not bystander.problems, f"the bystander got {sorted(set(bystander.problems))[:3]}")
    stage.require(bystander.p99 < LIMIT_MILLISECONDS, f"p99 is not below {LIMIT_MILLISECONDS:.0f} ms")
    stage.require(lookups <= seconds + SLACK, "peers were asked more than once a second")
    stage.require(lookups > 0, "peers were never asked")
    stage.require(max(growth.rss, growth.anon) < MEMORY_LIMIT, f"memory grew by more than {MEMORY_LIMIT:.0f} MB")
    stage.require(0 < finder.found == finder.asked, f"not found: {finder.problems}")


ROW = Row("random-digests", "peers asked ≤ once a second; bystander 100 %, p99 < 250 ms; < 16 MB", play)
