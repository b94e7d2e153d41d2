# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 23, replicas that are restarted one after another under gateways that behave as Envoy does.

Envoy's fetch has two tries, the second after a random time of up to a second, and then gives up for good: a fetch fails
when both do. A try on a connection of the pool that the server has closed meanwhile is not made: the pool has noticed.
"""

import hashlib
import random
import ssl
import threading
import time
from collections import Counter
from contextlib import ExitStack

from harness import http1, sockets, tls
from harness.replicas import Endpoints, Replica
from harness.scene import Row, Scene
from harness.sessions import HTTP1Session, HTTP2Session, Session, SessionError
from harness.tls import Authority

REPLICAS = 3
WORKERS = 6
PAUSE = 0.003
FETCHES_PER_CONNECTION = 40
SMALL_PER_MODULE = 40
TRY_LIMIT = 10.0
SMALL, MODULE = "/plugin.wasm.sha256", "/plugin.wasm"
ENOUGH = {SMALL: 100_000, MODULE: 2_000}
SECONDS, QUICK_SECONDS, MOST_SECONDS = 120.0, 20.0, 300.0
GRACE = 45.0
SLOW_PIECES, SLOW_PAUSE = 20, 0.15
AT_ONCE = 1.0


class Gateway(threading.Thread):
    """A client with one connection for each protocol, to whichever replica the Service gives it."""

    def __init__(self, scene: Scene, endpoints: Endpoints, contexts: dict | None, ended: threading.Event) -> None:
        super().__init__(daemon=True)
        self.fetched: Counter[str] = Counter()
        self.failed: list[str] = []
        self.retried: Counter[str] = Counter()
        self.slowest = 0.0
        self._digest, self._endpoints, self._contexts, self._ended = scene.module.digest, endpoints, contexts, ended
        self._pool: dict[str, tuple[Session, int]] = {}

    def run(self) -> None:
        protocols = ["h1", "h2c"] + (["TLS", "TLS h2"] if self._contexts else [])
        number = random.randrange(SMALL_PER_MODULE)
        while not self._ended.is_set():
            number += 1
            path = MODULE if number % (SMALL_PER_MODULE + 1) == 0 else SMALL
            begin = time.monotonic()
            self._fetch(random.choice(protocols), path)
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
            digest = body.decode(errors="replace").strip() if path == SMALL else hashlib.sha256(body).hexdigest()
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
        kind = HTTP2Session if protocol in ("h2c", "TLS h2") else HTTP1Session
        try:
            end = sockets.connect(replica.ports[2 if "TLS" in protocol else 0])
            if "TLS" in protocol:
                end = self._encrypted(end, "h2" if kind is HTTP2Session else "http/1.1")
            end.settimeout(TRY_LIMIT)
            return kind(end)
        except OSError as error:
            raise SessionError(f"connecting: {error!r}") from error

    def _encrypted(self, end, protocol: str) -> ssl.SSLSocket:
        context = self._contexts[protocol]
        try:
            return context.wrap_socket(end, server_hostname=tls.NAME)
        except OSError:
            end.close()
            raise


class SlowDownload(threading.Thread):
    """A download that is under way when its replica is told to end, and takes a few seconds more."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.digest = ""
        self._end = sockets.connect(port, receive_buffer=1 << 16)
        self._end.sendall(f"GET {MODULE} HTTP/1.1\r\nHost: attack\r\n\r\n".encode())
        self._received = self._end.recv(1 << 16)

    def run(self) -> None:
        with self._end:
            for _ in range(SLOW_PIECES):
                time.sleep(SLOW_PAUSE)
                self._received += self._end.recv(1 << 16)
            rest, _ = sockets.read_until_quiet(self._end, 2.0)
        responses, _ = http1.parse(self._received + rest)
        self.digest = hashlib.sha256(responses[0].body).hexdigest() if responses else ""


def attack(scene: Scene) -> None:
    scene.has("--drain-delay")
    pair, contexts = None, None
    if scene.has("--tls-certificate"):
        authority = Authority.at(scene.work / "authority")
        pair = authority.server_pair(scene.work / "tls")
        contexts = {"h2": authority.trusts(), "http/1.1": authority.trusts()}
        for protocol, context in contexts.items():
            context.set_alpn_protocols([protocol])
    source = scene.work / "modules"
    with ExitStack() as stack:
        replicas = [Replica(scene.binary, source, pair) for _ in range(REPLICAS)]
        for replica in replicas:
            replica.start()
            stack.callback(lambda replica=replica: replica.server.kill())
        endpoints = stack.enter_context(Endpoints(replicas))
        ended = threading.Event()
        gateways = [Gateway(scene, endpoints, contexts, ended) for _ in range(WORKERS)]
        for gateway in gateways:
            gateway.start()
        ends = _restart_in_turn(scene, replicas, endpoints, gateways)
        ended.set()
        for gateway in gateways:
            gateway.join()
        _signal_twice(scene, replicas[0])
    _judge(scene, gateways, ends)


def _restart_in_turn(
    scene: Scene, replicas: list[Replica], endpoints: Endpoints, gateways: list[Gateway]
) -> list[tuple[int, float]]:
    """As a rolling update does it: the next one only when the last one is among the endpoints again."""
    begin, ends = time.monotonic(), []
    seconds = QUICK_SECONDS if scene.quick else SECONDS

    def is_enough() -> bool:
        fetched = sum((gateway.fetched for gateway in gateways), Counter())
        elapsed = time.monotonic() - begin
        return (
            elapsed > MOST_SECONDS
            or elapsed > seconds
            and (scene.quick or all(fetched[path] >= count for path, count in ENOUGH.items()))
        )

    torn = 0
    while not is_enough():
        replica = replicas[len(ends) % len(replicas)]
        download = SlowDownload(replica.ports[0])
        download.start()
        ends.append(replica.restart())
        download.join()
        torn += download.digest != scene.module.digest
        scene.await_until(lambda: replica in endpoints.ready, 10.0)
    scene.require(not torn, f"{torn} of {len(ends)} downloads that were under way were cut")
    return ends


def _signal_twice(scene: Scene, replica: Replica) -> None:
    """A second SIGTERM ends the server although a download is under way."""
    with sockets.connect(replica.ports[0], receive_buffer=4096) as end:
        end.sendall(f"GET {MODULE} HTTP/1.1\r\nHost: attack\r\n\r\n".encode())
        end.recv(1)
        process = replica.server.process
        process.terminate()
        time.sleep(AT_ONCE)
        scene.require(process.poll() is None, "the first SIGTERM cut a download")
        process.terminate()
        waited = scene.await_until(lambda: process.poll() is not None, 10.0)
    scene.tell(f"2nd SIGTERM: ended in {'never' if waited is None else f'{waited:.1f} s'}")
    scene.require(waited is not None and waited <= AT_ONCE, "a second SIGTERM did not end the server at once")


def _judge(scene: Scene, gateways: list[Gateway], ends: list[tuple[int, float]]) -> None:
    fetched = sum((gateway.fetched for gateway in gateways), Counter())
    retried = sum((gateway.retried for gateway in gateways), Counter())
    failed = [failure for gateway in gateways for failure in gateway.failed]
    slowest = max(gateway.slowest for gateway in gateways)
    scene.tell(
        f"{len(ends)} restarts, {fetched[SMALL]:,} small and {fetched[MODULE]:,} full fetches, {len(failed)} failed, "
        f"{retried.total()} tries failed once, slowest {slowest:.1f} s, ended in ≤ {max(s for _, s in ends):.1f} s"
    )
    if retried:
        scene.tell("first tries: " + ", ".join(f"{count} × {reason}" for reason, count in retried.most_common(4)))
    scene.require(not failed, f"{len(failed)} fetches failed: {failed[:3]}")
    for path, count in ENOUGH.items():
        scene.require(scene.quick or fetched[path] >= count, f"only {fetched[path]:,} fetches of {path}")
    scene.require(all(code == 0 for code, _ in ends), f"exit codes {sorted({code for code, _ in ends})}")
    scene.require(all(seconds < GRACE for _, seconds in ends), "a replica took too long to end")


ROW = Row(23, "Rolling restarts", "0 failed fetches; exit 0", attack)
