# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 24, certificates that are rotated under load, half of them broken, and clients that may not be served any more."""

import ssl
import time
from collections import Counter
from pathlib import Path

from verification.attacks.fixture import AttackFixture, row
from verification.clients import http1, sockets, tls
from verification.clients.sessions import PROTOCOLS, HTTP1Session, LastingSession, SessionError, Visitor
from verification.clients.tls import Authority
from verification.fixture import in_seconds
from verification.server.process import WasmServer
from verification.sources.module import put
from verification.sources.mounts import BREAKS, Rotation, serial_of
from verification.threads import ThreadGroup

WORKERS = 4
SECONDS, QUICK_SECONDS = 60.0, 10.0
BETWEEN_FILES = 0.2
PAUSE = 0.02
MODULE_EVERY = 10
REFUSALS = 20
CLIENT = "gateway.example"
ASKS = 5  # in a second
NEWEST = 65.0
GONE = 62.0  # a minute, the look at the files, and the one at the connections
WITHDRAWN, STEP = 20, 0.5
CHUNK = 64 << 10  # at each step, so that a download takes longer than it takes to tell all connections
SMALL, MODULE = "/plugin.wasm.sha256", "/plugin.wasm"


class Client(Visitor):
    """Shakes hands again and again, with a certificate of its own, and fetches."""

    def __init__(self, fixture: AttackFixture, context: ssl.SSLContext) -> None:
        super().__init__(PAUSE)
        self.serials: Counter[int] = Counter()
        self._port, self._digest, self._context = fixture.server.ports["tls"], fixture.module.digest, context

    def visit(self) -> None:
        self.ended.wait(PAUSE)
        path = MODULE if (self.serials.total() + 1) % MODULE_EVERY == 0 else SMALL
        with tls.connect(self._port, self._context) as end:
            self.serials[_serial(end)] += 1
            response = HTTP1Session(end).fetch(path)
        if (response.text if path == SMALL else response.digest) != self._digest:
            raise SessionError("wrong bytes")


class Download:
    """Takes a module so slowly that it is under way while connections are told to end."""

    def __init__(self, end: ssl.SSLSocket) -> None:
        self._end, self._received, self.is_over = end, bytearray(), False
        end.sendall(http1.request(MODULE))

    def step(self) -> None:
        enough = len(self._received) + CHUNK
        while not self.is_over and len(self._received) < enough:
            try:
                chunk = self._end.recv(CHUNK)
            except OSError:
                chunk = b""
            self._received += chunk
            self.is_over = not chunk

    @property
    def body(self) -> bytes:
        response = http1.take(self._received)
        return response.body if response else b""


def _flags(work: Path) -> list[str]:
    authority = Authority.at(work / "authority")
    return Rotation(authority, work / "secret").pair.flags(client_ca=authority.bundle)


@row(24, "Certificates", "0 resets, 0 broken pairs, refusals 100 %", flags=_flags)
def attack(fixture: AttackFixture) -> None:
    authority = Authority.at(fixture.work / "authority")
    _rotate(fixture, authority)
    _refuse(fixture, fixture.server.ports["tls"], authority)
    _withdraw(fixture, authority)
    _allow_by_name(fixture, authority)


def _rotate(fixture: AttackFixture, authority: Authority) -> None:
    rotation = Rotation(authority, fixture.work / "secret")
    context = authority.trusts(authority.issue(CLIENT))
    clients = [Client(fixture, context) for _ in range(WORKERS)]
    lasting = LastingSession(lambda: HTTP1Session(tls.connect(fixture.server.ports["tls"], context)))
    with ThreadGroup(clients):
        begin, number, ways = time.monotonic(), 0, list(BREAKS)
        while time.monotonic() - begin < (QUICK_SECONDS if fixture.quick else SECONDS):
            _ask_for_a_second(fixture, lasting)
            if number % 2 == 0:
                rotation.broken(ways[number // 2 % len(ways)])
            elif number % 4 == 1:
                rotation.good()
            else:
                finish = rotation.good_in_two_steps()
                time.sleep(BETWEEN_FILES)
                finish()
            number += 1
        rotation.good()
        late = "the newest good certificate is never used"
        waited = fixture.await_until(lambda: _shown(fixture, context) == rotation.serials[-1], NEWEST, late)
    serials = sum((client.serials for client in clients), Counter())
    problems = sum((client.problems for client in clients), Counter())
    foreign = set(serials) - set(rotation.serials)
    fixture.report(
        f"{rotation.swaps} swaps, {serials.total():,} handshakes with {len(serials)} certificates, "
        f"{problems.total()} failed, the last one in use after {in_seconds(waited)}, "
        f"a client that keeps its connection came anew {lasting.opened - 1} times"
    )
    fixture.require(not problems, f"failed: {problems.most_common(3)}")
    fixture.require(not foreign, f"{len(foreign)} certificates of broken pairs were shown")


def _ask_for_a_second(fixture: AttackFixture, lasting: LastingSession) -> None:
    """A client that keeps its connection until it is told to come anew must not notice anything else."""
    for _ in range(ASKS):
        time.sleep(1 / ASKS)
        digest = lasting.get(SMALL).decode().strip()
        fixture.require(digest == fixture.module.digest, "a kept connection gave another digest")


def _shown(fixture: AttackFixture, context: ssl.SSLContext) -> int:
    with tls.connect(fixture.server.ports["tls"], context) as end:
        return _serial(end)


def _serial(end: ssl.SSLSocket) -> int:
    return serial_of(ssl.DER_cert_to_PEM_cert(end.getpeercert(binary_form=True)).encode())


def _refuse(fixture: AttackFixture, port: int, authority: Authority) -> None:
    contexts = {
        "no certificate": authority.trusts(),
        "wrong CA": authority.trusts(Authority.at(fixture.work / "stranger").issue(CLIENT)),
        "expired": authority.trusts(authority.issue(CLIENT, expired=True)),
        "not yet valid": authority.trusts(authority.issue(CLIENT, early=True)),
    }
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = contexts[f"no certificate, {version.name}"] = authority.trusts()
        context.minimum_version = context.maximum_version = version
    served = {form: sum(_is_served(port, context) for _ in range(REFUSALS)) for form, context in contexts.items()}
    fixture.report(f"{len(served) * REFUSALS} handshakes without a right to be served, {sum(served.values())} served")
    fixture.require(not any(served.values()), f"served: {[form for form, count in served.items() if count]}")
    fixture.require(not _is_served(port, None), "the TLS port answered a request in plain text with a module")
    good = authority.trusts(authority.issue(CLIENT))
    fixture.require(_is_served(port, good), "a good client is not served: the refusals say nothing")


def _withdraw(fixture: AttackFixture, authority: Authority) -> None:
    """Takes the clients' authority away from connections that are idle, busy, or in the middle of a download."""
    port, context = fixture.server.ports["tls"], authority.trusts(authority.issue(CLIENT))
    kinds = list(PROTOCOLS.values()) * WITHDRAWN
    idle, busy = ([kind(tls.connect(port, context)) for kind in kinds] for _ in range(2))
    for session in idle:
        session.get(SMALL)
    download = Download(tls.connect(port, context))
    before = authority.bundle.read_bytes()
    successor = Authority.at(fixture.work / "successor")
    put(authority.bundle, successor.bundle.read_bytes())
    begin, ends, broken = time.monotonic(), [], 0
    while (idle or busy or not download.is_over) and time.monotonic() - begin < GONE + 10:
        time.sleep(STEP)
        download.step()
        for sessions in (idle, busy):
            for session in [session for session in sessions if not session.is_usable()]:
                sessions.remove(session)
                ends.append(time.monotonic() - begin)
        for session in list(busy):
            try:
                session.get(SMALL)
            except SessionError:
                broken += 1
    over = f"{min(ends):.1f}–{max(ends):.1f} s" if ends else "never"
    fixture.report(f"authority removed: {len(ends)} connections end after {over}, {broken} requests lost")
    fixture.require(not idle and not busy, f"{len(idle) + len(busy)} connections go on after {GONE:.0f} s")
    fixture.require(not ends or max(ends) <= GONE, f"a connection goes on for {max(ends, default=0):.1f} s")
    fixture.require(not broken, f"{broken} requests were lost on connections that end")
    fixture.require(fixture.is_module(download.body), "the download under way was not finished")
    fixture.require(not _is_served(port, context), "a client of the authority that was removed is served anew")
    put(authority.bundle, before)
    late = "a client of the authority that was put back is not served"
    fixture.await_until(lambda: _is_served(port, context), 10.0, late)


def _allow_by_name(fixture: AttackFixture, authority: Authority) -> None:
    pair = authority.server_pair(fixture.work / "named")
    flags = pair.flags(client_ca=authority.bundle, allowed_client=CLIENT)
    with WasmServer(fixture.binary, [fixture.modules], *flags) as server:
        for name, is_allowed in {
            CLIENT: True,
            "other.example": False,
            f"x.{CLIENT}": False,
            f"{CLIENT}.evil.example": False,
            "*.example": False,
        }.items():
            served = _is_served(server.ports["tls"], authority.trusts(authority.issue(name)))
            fixture.require(served == is_allowed, f"a client named {name} is {'' if served else 'not '}served")


def _is_served(port: int, context: ssl.SSLContext | None) -> bool:
    """In plain text, if there is no context. With TLS 1.3 a client learns only behind its handshake that it is refused."""
    try:
        with tls.connect(port, context) if context else sockets.connect(port) as end:
            return bool(HTTP1Session(end).get(SMALL))
    except (OSError, SessionError):
        return False
