# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A flood of requests for digests that nobody has, at one of three replicas: its peers hardly notice."""

import json
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from verification.clients import sockets
from verification.clients.bystander import LIMIT_MILLISECONDS, Bystander
from verification.clients.sessions import HTTP1Session, SessionError
from verification.drills.campaign import peer_flags
from verification.fixture import Fixture, Row
from verification.programs import VerificationError, program_path, run
from verification.server.kernel import Memory, Peak
from verification.server.process import WasmServer, free_ports
from verification.sources.module import Module, digest_of
from verification.threads import PeriodicThread, seconds_until

ADDRESSES = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
COUNT, QUICK_COUNT = 1_000_000, 50_000
CONNECTIONS = 1100  # more than of one client may wait for the peers (1024): the others are turned away as fast as they ask
WARM_UP, PERIOD, QUICK_PERIOD = 5, 30, 5  # seconds of one flood
MOST_SECONDS = 240.0
MEMORY_LIMIT = 16.0  # MB
SIZE, RARE_SIZE = 1_000_000, 100_000
RARE, RARE_INTERVAL = 20, 2.0
LISTS = 'wasm_server_peer_requests_total{request="list"'
SCRIPT = Path(__file__).with_suffix(".lua")
WRK_LIMIT, WRK_NICENESS = 60.0, 10  # the attacker has a machine of his own: here, servers and bystander come first
PAUSE = 0.5  # between two tries
LOOK_PERIOD, LOOK_LIMIT = 0.02, 30.0
SLACK = 2  # rounds that begin before the first second and after the last


def flood(port: int, prefix: str, suffix: str, connections: int, seconds: int) -> Counter[str]:
    """How often each outcome came: `not_found`, `unavailable`, `other`, and `broken` for no answer."""
    load = f"--threads 1 --connections {connections} --duration {seconds}s --timeout 15s".split()
    wrk = [program_path("wrk", "bench"), *load, "--script", SCRIPT, f"http://127.0.0.1:{port}", "--", prefix, suffix]
    result = run("nice", f"--adjustment={WRK_NICENESS}", *wrk, timeout=seconds + WRK_LIMIT)
    lines = [line for line in result.stdout.splitlines() if line.startswith("{")]
    if not lines:
        raise VerificationError(f"wrk said nothing of use: {result.stdout}{result.stderr}")
    return Counter(json.loads(lines[0]))


class Finder:
    """Has a peer announce one module after another, and asks for it elsewhere at once, with two tries as Envoy has."""

    def __init__(self, port: int, modules: list[Module], peer: WasmServer, folder: Path) -> None:
        self.asked = self.found = self.retried = 0
        self.problems: list[str] = []
        self._port, self._modules = port, iter(modules)
        self._peer, self._folder = peer, folder

    def find_next(self) -> None:
        if (module := next(self._modules, None)) is None:
            return
        self._announce(module)
        self.asked += 1
        for number in range(2):
            try:
                self._fetch(module)
                self.found += 1
                self.retried += number
                return
            except (OSError, SessionError) as error:
                self.problems.append(str(error))
                time.sleep(PAUSE)

    def _announce(self, module: Module) -> None:
        module.write(self._folder / f"rare-{self.asked}.wasm")
        self._peer.reload()
        if seconds_until(lambda: self._peer.has_said(module.digest), LOOK_LIMIT, LOOK_PERIOD) is None:
            raise VerificationError("the peer does not take over a module")

    def _fetch(self, module: Module) -> None:
        with HTTP1Session(sockets.connect(self._port)) as session:
            if digest_of(session.get(module.path)) != module.digest:
                raise SessionError("another digest")


def drill(fixture: Fixture) -> None:
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
        with PeriodicThread(finder.find_next, RARE_INTERVAL):
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
    fixture.report(
        f"{outcomes.total():,} requests in {seconds:.0f} s: {outcomes['not_found']:,} × 404, "
        f"{outcomes['unavailable']:,} × 503, {outcomes['other']:,} other, {outcomes['broken']:,} broken; "
        f"bystander {bystander}; each peer asked "
        f"{lookups / seconds:.2f} times a second; "
        f"rss {growth.rss:+.1f} anon {growth.anon:+.1f} MB; {finder.found} of {finder.asked} real digests found "
        f"({finder.retried} at the second try)"
    )
    fixture.require(fixture.quick or outcomes.total() >= COUNT, f"only {outcomes.total():,} requests in the time")
    fixture.require(not outcomes["other"] and not outcomes["broken"], "answers that are neither 404 nor 503")
    fixture.require(not bystander.problems, f"the bystander got {sorted(set(bystander.problems))[:3]}")
    fixture.require(not bystander.is_slow, f"p99 is not below {LIMIT_MILLISECONDS:.0f} ms")
    fixture.require(lookups <= seconds + SLACK, "peers were asked more than once a second")
    fixture.require(lookups > 0, "peers were never asked")
    fixture.require(growth.own < MEMORY_LIMIT, f"memory grew by more than {MEMORY_LIMIT:.0f} MB")
    fixture.require(0 < finder.found == finder.asked, f"not found: {finder.problems}")


ROWS = [Row("random-digests", "peers asked ≤ once a second; bystander 100 %, p99 < 250 ms; < 16 MB", drill)]
