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
from collections import Counter
from contextlib import ExitStack

from verification.attacks.fixture import AttackFixture, Row
from verification.clients import http1, sockets, tls
from verification.clients.sessions import HTTP1Session, HTTP2Session, Session, SessionError
from verification.clients.tls import Authority
from verification.fixture import in_seconds
from verification.server.replicas import Endpoints, Replica
from verification.sources.module import digest_of
from verification.threads import running

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
# By the name of a protocol: which port of a replica, by what is spoken there, and what is agreed on over TLS.
PROTOCOLS: dict[str, tuple[int, type[Session], str | None]] = {
    "h1": (0, HTTP1Session, None),
    "h2c": (0, HTTP2Session, None),
    "TLS": (2, HTTP1Session, "http/1.1"),
    "TLS h2": (2, HTTP2Session, "h2"),
}


class Gateway(threading.Thread):
    """A client with one connection for each protocol, to whichever replica the Service gives it."""

    def __init__(self, digest: str, endpoints: Endpoints, contexts: dict[str, ssl.SSLContext], ended: threading.Event) -> None:
        super().__init__(daemon=True)
        self.fetched: Counter[str] = Counter()
        self.failed: list[str] = []
        self.retried: Counter[str] = Counter()
        self.slowest = 0.0
        self._digest, self._endpoints, self._contexts, self._ended = digest, endpoints, contexts, ended
        self._pool: dict[str, tuple[Session, int]] = {}

    def run(self) -> None:
        number = random.randrange(SMALL_PER_MODULE)
        while not self._ended.is_set():
            number += 1
            path = MODULE if number % (SMALL_PER_MODULE + 1) == 0 else SMALL
            begin = time.monotonic()
            self._fetch(random.choice(list(PROTOCOLS)), path)
            self.slowest = max(self.slowest, time.monotonic() - begin)
            time.sleep(PAUSE)

    def _fetch(self, protocol: str, path: str) -> None:
        try:
            self._try(protocol, path)
        except SessionError as first:
            self.retried[f"{protocol}: {first}"] += 1
            time.sleep(random.random())
            try:
                self._try(protocol, path)
            except SessionError as second:
                self.failed.append(f"{protocol} {path}: {first}, then {second}")
                return
        self.fetched[path] += 1

    def _try(self, protocol: str, path: str) -> None:
        session, uses = self._pool.pop(protocol, (None, 0))
        if session and not session.is_usable():
            session.close()
            session = None
        if not session:
            session, uses = self._connect(protocol), 0
        try:
            body = session.get(path)
            digest = body.decode(errors="replace").strip() if path == SMALL else digest_of(body)
            if digest != self._digest:
                raise SessionError(f"wrong bytes, {len(body)} of them")
        except SessionError:
            session.close()
            raise
        if uses + 1 < FETCHES_PER_CONNECTION:
            self._pool[protocol] = session, uses + 1
        else:
            session.close()

    def _connect(self, protocol: str) -> Session:
        replica = self._endpoints.pick()
        if not replica:
            raise SessionError("no replica is ready")
        port, kind, agreed = PROTOCOLS[protocol]
        try:
            end = sockets.connect(replica.ports[port])
            try:
                return kind(self._contexts[agreed].wrap_socket(end, server_hostname=tls.NAME) if agreed else end)
            except OSError:
                end.close()
                raise
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
        ended = threading.Event()
        gateways = [Gateway(fixture.module.digest, endpoints, contexts, ended) for _ in range(WORKERS)]
        with running(gateways, ended):
            ends = _restart_in_turn(fixture, replicas, endpoints, gateways)
        _signal_twice(fixture, replicas[0])
    _judge(fixture, gateways, ends)


def _restart_in_turn(
    fixture: AttackFixture, replicas: list[Replica], endpoints: Endpoints, gateways: list[Gateway]
) -> list[tuple[int, float]]:
    """As a rolling update does it: the next one only when the last one is among the endpoints again."""
    begin, ends = time.monotonic(), []
    seconds = QUICK_SECONDS if fixture.quick else SECONDS

    def is_enough() -> bool:
        fetched = sum((gateway.fetched for gateway in gateways), Counter())
        elapsed = time.monotonic() - begin
        has_fetched = fixture.quick or all(fetched[path] >= count for path, count in ENOUGH.items())
        return elapsed > MOST_SECONDS or (elapsed > seconds and has_fetched)

    torn = 0
    while not is_enough():
        replica = replicas[len(ends) % len(replicas)]
        download = SlowDownload(replica.ports[0])
        with running([download]):
            ends.append(replica.restart())
        torn += download.digest != fixture.module.digest
        fixture.await_until(lambda replica=replica: replica in endpoints.ready, 10.0)
    fixture.require(not torn, f"{torn} of {len(ends)} downloads that were under way were cut")
    return ends


def _signal_twice(fixture: AttackFixture, replica: Replica) -> None:
    """A second SIGTERM ends the server although a download is under way."""
    server = replica.server
    with sockets.connect(replica.ports[0], receive_buffer=sockets.SMALL_BUFFER) as end:
        end.sendall(http1.request(MODULE))
        end.recv(1)
        server.say_goodbye()
        time.sleep(AT_ONCE)
        fixture.require(server.is_running, "the first SIGTERM cut a download")
        server.say_goodbye()
        waited = fixture.await_until(lambda: not server.is_running, 10.0)
    fixture.tell(f"2nd SIGTERM: ended in {in_seconds(waited)}")
    fixture.require(waited is not None and waited <= AT_ONCE, "a second SIGTERM did not end the server at once")


def _judge(fixture: AttackFixture, gateways: list[Gateway], ends: list[tuple[int, float]]) -> None:
    fetched = sum((gateway.fetched for gateway in gateways), Counter())
    retried = sum((gateway.retried for gateway in gateways), Counter())
    failed = [failure for gateway in gateways for failure in gateway.failed]
    slowest = max(gateway.slowest for gateway in gateways)
    fixture.tell(
        f"{len(ends)} restarts, {fetched[SMALL]:,} small and {fetched[MODULE]:,} full fetches, {len(failed)} failed, "
        f"{retried.total()} tries failed once, slowest {slowest:.1f} s, ended in ≤ {max(s for _, s in ends):.1f} s"
    )
    if retried:
        fixture.tell("first tries: " + ", ".join(f"{count} × {reason}" for reason, count in retried.most_common(4)))
    fixture.require(not failed, f"{len(failed)} fetches failed: {failed[:3]}")
    for path, count in ENOUGH.items():
        fixture.require(fixture.quick or fetched[path] >= count, f"only {fetched[path]:,} fetches of {path}")
    fixture.require(all(code == 0 for code, _ in ends), f"exit codes {sorted({code for code, _ in ends})}")
    fixture.require(all(seconds < GRACE for _, seconds in ends), "a replica took too long to end")


ROWS = [Row(23, "Rolling restarts", "0 failed fetches; exit 0", attack)]
