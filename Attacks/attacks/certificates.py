# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 24, certificates that are rotated under load, half of them broken, and clients that may not be served."""

import hashlib
import ssl
import threading
import time
from collections import Counter
from pathlib import Path

from harness import sockets, tls
from harness.rotation import BREAKS, Rotation, serial_of
from harness.scene import Row, Scene
from harness.server import WasmServer, supports
from harness.sessions import HTTP1Session, SessionError
from harness.tls import Authority

WORKERS = 4
SECONDS, QUICK_SECONDS = 60.0, 10.0
BETWEEN_FILES = 0.2
PAUSE = 0.02
MODULE_EVERY = 10
REFUSALS = 20
CLIENT = "gateway.example"


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


def attack(scene: Scene) -> None:
    if not scene.has("--tls-certificate"):
        return
    authority = Authority.at(scene.work / "authority")
    _rotate(scene, authority)
    _refuse(scene, scene.server.ports["tls"], authority)
    if scene.has("--tls-allowed-client"):
        _allow_by_name(scene, authority)


def _rotate(scene: Scene, authority: Authority) -> None:
    rotation = Rotation(authority, scene.work / "secret")
    context = authority.trusts(authority.issue(CLIENT))
    ended = threading.Event()
    clients = [Client(scene, context, ended) for _ in range(WORKERS)]
    kept = HTTP1Session(tls.connect(scene.server.ports["tls"], context))
    for client in clients:
        client.start()
    begin, number, ways = time.monotonic(), 0, list(BREAKS)
    while time.monotonic() - begin < (QUICK_SECONDS if scene.quick else SECONDS):
        time.sleep(1.0)
        if number % 2 == 0:
            rotation.broken(ways[number // 2 % len(ways)])
        elif number % 4 == 1:
            rotation.good()
        else:
            finish = rotation.good_in_two_steps()
            time.sleep(BETWEEN_FILES)
            finish()
        number += 1
        scene.require(
            kept.get("/plugin.wasm.sha256").decode().strip() == scene.module.digest, "the kept connection broke"
        )
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
        f"{problems.total()} failed, the last one in use after {'never' if waited is None else f'{waited:.1f} s'}"
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
