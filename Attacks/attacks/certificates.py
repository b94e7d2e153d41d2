# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 24, certificates that are rotated under load, half of them broken, and clients that may not be served any more."""

import hashlib
import ssl
import threading
import time
from collections import Counter
from pathlib import Path

from harness import http1, sockets, tls
from harness.rotation import BREAKS, Rotation, serial_of
from harness.scene import Row, Scene
from harness.server import WasmServer, supports
from harness.sessions import HTTP1Session, HTTP2Session, Session, SessionError
from harness.tls import Authority

WORKERS = 4
SECONDS, QUICK_SECONDS = 60.0, 10.0
BETWEEN_FILES = 0.2
PAUSE = 0.02
MODULE_EVERY = 10
REFUSALS = 20
CLIENT = "gateway.example"
ASKS = 5  # in a second
GONE = 62.0  # a minute, the look at the files, and the one at the connections
WITHDRAWN, STEP = 20, 0.5
CHUNK = 64 << 10  # at each step, so that a download takes longer than it takes to tell all connections


class Client(threading.Thread):
    """Shakes hands again and again, with a certificate of its own, and fetches."""

    def __init__(self, scene: Scene, context: ssl.SSLContext, ended: threading.Event) -> None:
        super().__init__(daemon=True)
        self.serials: Counter[int] = Counter()
        self.problems: Counter[str] = Counter()
        self._port, self._digest, self._context, self._ended = (
            scene.server.ports["tls"],
            scene.module.digest,
            context,
            ended,
        )

    def run(self) -> None:
        number = 0
        while not self._ended.wait(PAUSE):
            number += 1
            try:
                self._fetch("/plugin.wasm" if number % MODULE_EVERY == 0 else "/plugin.wasm.sha256")
            except (OSError, SessionError) as error:
                self.problems[repr(error)] += 1

    def _fetch(self, path: str) -> None:
        with tls.connect(self._port, self._context) as end:
            self.serials[serial_of(ssl.DER_cert_to_PEM_cert(end.getpeercert(binary_form=True)).encode())] += 1
            body = HTTP1Session(end).get(path)
        announced = (
            body.decode(errors="replace").strip() if path.endswith(".sha256") else hashlib.sha256(body).hexdigest()
        )
        if announced != self._digest:
            raise SessionError("wrong bytes")


class Kept:
    """A client that keeps its connection until it is told to come anew, and must not notice anything else."""

    def __init__(self, scene: Scene, context: ssl.SSLContext) -> None:
        self.count = 0
        self._scene, self._context = scene, context
        self._session = self._open()

    def ask_for_a_second(self) -> None:
        for _ in range(ASKS):
            time.sleep(1 / ASKS)
            if not self._session.is_usable():
                self._session.close()
                self._session = self._open()
            digest = self._session.get("/plugin.wasm.sha256").decode().strip()
            self._scene.require(digest == self._scene.module.digest, "a kept connection gave another digest")

    def _open(self) -> HTTP1Session:
        self.count += 1
        return HTTP1Session(tls.connect(self._scene.server.ports["tls"], self._context))


class Download:
    """Takes a module so slowly that it is under way while connections are told to end."""

    def __init__(self, end: ssl.SSLSocket) -> None:
        self._end, self._received, self.is_over = end, bytearray(), False
        end.sendall(b"GET /plugin.wasm HTTP/1.1\r\nHost: attack\r\n\r\n")

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
        head = http1.HEAD.match(self._received)
        return bytes(self._received[head.end() :]) if head else b""


def attack(scene: Scene) -> None:
    if not scene.has("--tls-certificate"):
        return
    authority = Authority.at(scene.work / "authority")
    _rotate(scene, authority)
    _refuse(scene, scene.server.ports["tls"], authority)
    _withdraw(scene, authority)
    if scene.has("--tls-allowed-client"):
        _allow_by_name(scene, authority)


def _rotate(scene: Scene, authority: Authority) -> None:
    rotation = Rotation(authority, scene.work / "secret")
    context = authority.trusts(authority.issue(CLIENT))
    ended = threading.Event()
    clients = [Client(scene, context, ended) for _ in range(WORKERS)]
    kept = Kept(scene, context)
    for client in clients:
        client.start()
    begin, number, ways = time.monotonic(), 0, list(BREAKS)
    while time.monotonic() - begin < (QUICK_SECONDS if scene.quick else SECONDS):
        kept.ask_for_a_second()
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
    newest = rotation.serials[-1]
    waited = scene.await_until(lambda: _serial(scene, context) == newest, 65.0)
    ended.set()
    for client in clients:
        client.join()
    serials = sum((client.serials for client in clients), Counter())
    problems = sum((client.problems for client in clients), Counter())
    foreign = set(serials) - set(rotation.serials)
    scene.tell(
        f"{rotation.swaps} swaps, {serials.total():,} handshakes with {len(serials)} certificates, "
        f"{problems.total()} failed, the last one in use after {'never' if waited is None else f'{waited:.1f} s'}, "
        f"a client that keeps its connection came anew {kept.count - 1} times"
    )
    scene.require(not problems, f"failed: {problems.most_common(3)}")
    scene.require(not foreign, f"{len(foreign)} certificates of broken pairs were shown")
    scene.require(waited is not None, "the newest good certificate is never used")


def _serial(scene: Scene, context: ssl.SSLContext) -> int:
    with tls.connect(scene.server.ports["tls"], context) as end:
        return serial_of(ssl.DER_cert_to_PEM_cert(end.getpeercert(binary_form=True)).encode())


def _refuse(scene: Scene, port: int, authority: Authority) -> None:
    clients = {
        "no certificate": None,
        "wrong CA": Authority.at(scene.work / "stranger").issue(CLIENT),
        "expired": authority.issue(CLIENT, expired=True),
        "not yet valid": authority.issue(CLIENT, early=True),
    }
    served = {
        form: sum(_is_served(port, authority.trusts(leaf)) for _ in range(REFUSALS)) for form, leaf in clients.items()
    }
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = authority.trusts()
        context.minimum_version = context.maximum_version = version
        served[f"no certificate, {version.name}"] = sum(_is_served(port, context) for _ in range(REFUSALS))
    plain = _is_served_in_plain(port)
    scene.tell(f"{len(served) * REFUSALS} handshakes without a right to be served, {sum(served.values())} served")
    scene.require(not any(served.values()), f"served: {[form for form, count in served.items() if count]}")
    scene.require(not plain, "the TLS port answered a request in plain text with a module")
    good = authority.trusts(authority.issue(CLIENT))
    scene.require(_is_served(port, good), "a good client is not served: the refusals say nothing")


def _withdraw(scene: Scene, authority: Authority) -> None:
    """Takes the clients' authority away from connections that are idle, busy, or in the middle of a download."""
    port, context = scene.server.ports["tls"], authority.trusts(authority.issue(CLIENT))
    kinds: tuple[type[Session], ...] = (HTTP1Session, HTTP2Session)
    idle, busy = ([kind(tls.connect(port, context)) for kind in kinds for _ in range(WITHDRAWN)] for _ in range(2))
    for session in idle:
        session.get("/plugin.wasm.sha256")
    download = Download(tls.connect(port, context))
    bundle = scene.work / "authority" / "ca.crt"
    before = bundle.read_bytes()
    Authority.at(scene.work / "successor")
    _replace(bundle, (scene.work / "successor" / "ca.crt").read_bytes())
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
                session.get("/plugin.wasm.sha256")
            except SessionError:
                broken += 1
    over = f"{min(ends):.1f}–{max(ends):.1f} s" if ends else "never"
    scene.tell(f"authority removed: {len(ends)} connections end after {over}, {broken} requests lost")
    scene.require(not idle and not busy, f"{len(idle) + len(busy)} connections go on after {GONE:.0f} s")
    scene.require(not ends or max(ends) <= GONE, f"a connection goes on for {max(ends, default=0):.1f} s")
    scene.require(not broken, f"{broken} requests were lost on connections that end")
    scene.require(scene.is_module(download.body), "the download under way was not finished")
    scene.require(not _is_served(port, context), "a client of the authority that was removed is served anew")
    _replace(bundle, before)
    served = scene.await_until(lambda: _is_served(port, context), 10.0)
    scene.require(served is not None, "a client of the authority that was put back is not served")


def _replace(file: Path, content: bytes) -> None:
    new = file.with_suffix(".new")
    new.write_bytes(content)
    new.rename(file)


def _allow_by_name(scene: Scene, authority: Authority) -> None:
    flags = [*_tls_flags(scene.work, authority.server_pair(scene.work / "named")), "--tls-allowed-client", CLIENT]
    with WasmServer(scene.binary, [scene.work / "modules"], *flags) as server:
        port = server.ports["tls"]
        names = {
            CLIENT: True,
            "other.example": False,
            f"x.{CLIENT}": False,
            f"{CLIENT}.evil.example": False,
            "*.example": False,
        }
        for name, is_allowed in names.items():
            served = _is_served(port, authority.trusts(authority.issue(name)))
            scene.require(served == is_allowed, f"a client named {name} is {'' if served else 'not '}served")


def _is_served(port: int, context: ssl.SSLContext) -> bool:
    """With TLS 1.3 a client learns only behind its handshake that it is refused."""
    try:
        with tls.connect(port, context) as end:
            return bool(HTTP1Session(end).get("/plugin.wasm.sha256"))
    except (OSError, SessionError):
        return False


def _is_served_in_plain(port: int) -> bool:
    try:
        with sockets.connect(port) as end:
            return bool(HTTP1Session(end).get("/plugin.wasm.sha256"))
    except (OSError, SessionError):
        return False


def _tls_flags(work: Path, pair: tls.Pair) -> list[str]:
    bundle = str(work / "authority" / "ca.crt")
    return ["--tls-certificate", pair.certificate, "--tls-key", pair.key, "--tls-client-ca", bundle, "--tls-port", "0"]


def _flags(binary: Path, work: Path) -> list[str]:
    if not supports(binary, "--tls-certificate"):
        return []
    authority = Authority.at(work / "authority")
    return _tls_flags(work, Rotation(authority, work / "secret").pair)


ROW = Row(24, "Certificates", "0 resets, 0 broken pairs, refusals 100 %", attack, _flags)
