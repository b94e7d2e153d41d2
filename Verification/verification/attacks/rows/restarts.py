# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 23, replicas that are restarted one after another under gateways that behave as Envoy does.

Envoy's fetch has two tries, the second after a random time of up to a second, and then gives up for good: a fetch fails
when both do. A try on a connection of the pool that the server has closed meanwhile is not made: the pool has noticed.
"""

import random
import ssl
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from verification.attacks.fixture import AttackFixture, row
from verification.clients import http1, sockets, tls
from verification.clients.gateways import Gateway, Tally
from verification.clients.sessions import HTTP1Session, HTTP2Session, LastingSession, Session, SessionError
from verification.clients.tls import Authority, Pair
from verification.fixture import in_seconds
from verification.server.process import WasmServer, free_ports
from verification.threads import PeriodicThread, ThreadGroup

REPLICAS = 3
WORKERS = 6
PAUSE = 0.003
FETCHES_PER_CONNECTION = 40
SMALL_PER_MODULE = 40
SMALL, MODULE = "/plugin.wasm.sha256", "/plugin.wasm"
ENOUGH = {SMALL: 100_000, MODULE: 2_000}
SECONDS, QUICK_SECONDS, MOST_SECONDS = 120.0, 20.0, 300.0
GRACE = 45.0
SLOW_PIECES, SLOW_PAUSE = 20, 0.15
AT_ONCE = 1.0
POLL_INTERVAL = 1.0
# By the name of a protocol: which port of a replica, by what is spoken there, and what is agreed on over TLS.
PROTOCOLS: dict[str, tuple[int, type[Session], str | None]] = {
    "h1": (0, HTTP1Session, None),
    "h2c": (0, HTTP2Session, None),
    "TLS": (2, HTTP1Session, "http/1.1"),
    "TLS h2": (2, HTTP2Session, "h2"),
}


@dataclass
class Replica:
    """One server after another on the same ports."""

    binary: Path
    source: Path
    pair: Pair
    ports: list[int] = field(default_factory=lambda: free_ports(3))
    server: WasmServer | None = None

    def start(self) -> None:
        data, operations, tls = self.ports
        self.server = WasmServer(self.binary, [self.source], *self.pair.flags(tls), ports=(data, operations)).await_ready()

    def restart(self) -> tuple[int, float]:
        """SIGTERM, wait for the end, start anew; the exit code and the seconds it took to end."""
        begin = time.monotonic()
        code = self.server.stop()
        seconds = time.monotonic() - begin
        self.start()
        return code, seconds


class Endpoints(PeriodicThread):
    """The replicas that were ready when they were last asked, once a second."""

    def __init__(self, replicas: list[Replica]) -> None:
        self._replicas = replicas
        super().__init__(self._ask, POLL_INTERVAL)
        self._ask()

    def pick(self) -> Replica | None:
        ready = self.ready
        return random.choice(ready) if ready else None

    def _ask(self) -> None:
        self.ready = [replica for replica in self._replicas if replica.server.is_ready()]


class PoolingGateway(Gateway):
    """A client with one connection for each protocol, to whichever replica the Service gives it."""

    def __init__(self, digest: str, endpoints: Endpoints, contexts: dict[str, ssl.SSLContext]) -> None:
        super().__init__()
        self._digest, self._endpoints, self._contexts = digest, endpoints, contexts
        self._number = random.randrange(SMALL_PER_MODULE)
        self._pool = {each: LastingSession(partial(self._connect, each), FETCHES_PER_CONNECTION) for each in PROTOCOLS}

    def fetch(self) -> None:
        self._number += 1
        path = MODULE if self._number % (SMALL_PER_MODULE + 1) == 0 else SMALL
        protocol = random.choice(list(PROTOCOLS))
        if self.attempt(f"{protocol} {path}", lambda: self._try(protocol, path)):
            self.tally.fetched[path] += 1
        time.sleep(PAUSE)

    def _try(self, protocol: str, path: str) -> str:
        response = self._pool[protocol].fetch(path)
        digest = response.text if path == SMALL else response.digest
        if digest != self._digest:
            raise SessionError(f"wrong bytes, {len(response.body)} of them")
        return digest

    def _connect(self, protocol: str) -> Session:
        replica = self._endpoints.pick()
        if not replica:
            raise SessionError("no replica is ready")
        port, kind, agreed = PROTOCOLS[protocol]
        try:
            number = replica.ports[port]
            return kind(tls.connect(number, self._contexts[agreed]) if agreed else sockets.connect(number))
        except OSError as error:
            raise SessionError(f"connecting: {error!r}") from error


class SlowDownload(threading.Thread):
    """A download that is under way when its replica is told to end, and takes a few seconds more."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.digest = ""
        self._end = sockets.connect(port, receive_buffer=1 << 16)
        self._end.sendall(http1.request(MODULE))
        self._received = self._end.recv(1 << 16)

    def run(self) -> None:
        with self._end:
            for _ in range(SLOW_PIECES):
                time.sleep(SLOW_PAUSE)
                self._received += self._end.recv(1 << 16)
            rest, _ = sockets.read_until_quiet(self._end, 2.0)
        responses, _ = http1.parse(self._received + rest)
        self.digest = responses[0].digest if responses else ""


@row(23, "Rolling restarts", "0 failed fetches; exit 0")
def attack(fixture: AttackFixture) -> None:
    authority = Authority.at(fixture.work / "authority")
    pair = authority.server_pair(fixture.work / "tls")
    contexts = {agreed: authority.trusts() for _, _, agreed in PROTOCOLS.values() if agreed}
    for agreed, context in contexts.items():
        context.set_alpn_protocols([agreed])
    with ExitStack() as stack:
        replicas = [Replica(fixture.binary, fixture.modules, pair) for _ in range(REPLICAS)]
        for replica in replicas:
            replica.start()
            stack.callback(lambda replica=replica: replica.server.kill())
        endpoints = stack.enter_context(Endpoints(replicas))
        gateways = [PoolingGateway(fixture.module.digest, endpoints, contexts) for _ in range(WORKERS)]
        with ThreadGroup(gateways):
            ends = _restart_in_turn(fixture, replicas, endpoints, gateways)
        _signal_twice(fixture, replicas[0])
    _judge(fixture, _tally(gateways), ends)


def _restart_in_turn(
    fixture: AttackFixture, replicas: list[Replica], endpoints: Endpoints, gateways: list[PoolingGateway]
) -> list[tuple[int, float]]:
    """As a rolling update does it: the next one only when the last one is among the endpoints again."""
    begin, ends = time.monotonic(), []
    seconds = QUICK_SECONDS if fixture.quick else SECONDS

    def is_enough() -> bool:
        fetched = _tally(gateways).fetched
        elapsed = time.monotonic() - begin
        has_fetched = fixture.quick or all(fetched[path] >= count for path, count in ENOUGH.items())
        return elapsed > MOST_SECONDS or (elapsed > seconds and has_fetched)

    torn = 0
    while not is_enough():
        replica = replicas[len(ends) % len(replicas)]
        download = SlowDownload(replica.ports[0])
        with ThreadGroup([download]):
            ends.append(replica.restart())
        torn += download.digest != fixture.module.digest
        fixture.await_until(lambda replica=replica: replica in endpoints.ready, 10.0)
    fixture.require(not torn, f"{torn} of {len(ends)} downloads that were under way were cut")
    return ends


def _signal_twice(fixture: AttackFixture, replica: Replica) -> None:
    """A second SIGTERM ends the server although a download is under way."""
    server = replica.server
    with sockets.ask(replica.ports[0], http1.request(MODULE), reads=False) as end:
        end.recv(1)
        server.request_stop()
        time.sleep(AT_ONCE)
        fixture.require(server.is_running, "the first SIGTERM cut a download")
        server.request_stop()
        waited = fixture.await_until(lambda: not server.is_running, 10.0)
    fixture.report(f"2nd SIGTERM: ended in {in_seconds(waited)}")
    fixture.require(waited is not None and waited <= AT_ONCE, "a second SIGTERM did not end the server at once")


def _tally(gateways: list[PoolingGateway]) -> Tally:
    return sum((gateway.tally for gateway in gateways), Tally())


def _judge(fixture: AttackFixture, tally: Tally, ends: list[tuple[int, float]]) -> None:
    fetched, failed = tally.fetched, tally.failed
    fixture.report(
        f"{len(ends)} restarts, {fetched[SMALL]:,} small and {fetched[MODULE]:,} full fetches, {len(failed)} failed, "
        f"{tally.retried.total()} tries failed once, slowest {tally.slowest:.1f} s, ended in ≤ {max(s for _, s in ends):.1f} s"
    )
    if tally.retried:
        fixture.report(tally.first_tries())
    fixture.require(not failed, f"{len(failed)} fetches failed: {failed[:3]}")
    for path, count in ENOUGH.items():
        fixture.require(fixture.quick or fetched[path] >= count, f"only {fetched[path]:,} fetches of {path}")
    fixture.require(all(code == 0 for code, _ in ends), f"exit codes {sorted({code for code, _ in ends})}")
    fixture.require(all(seconds < GRACE for _, seconds in ends), "a replica took too long to end")
