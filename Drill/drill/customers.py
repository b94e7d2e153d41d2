# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Clients of all kinds that fetch what is announced while everything changes: fast ones, over TLS or not, and slow ones."""

import random
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable

from drill.gateways import PROTOCOLS
from drill.modules import digest_of, digest_path
from harness import http1, sockets, tls
from harness.errors import AttackError
from harness.server import WasmServer
from harness.sessions import HTTP1Session, Session, SessionError

ROUNDS = 20  # on a connection
PAUSE = 0.1
LIMIT = 10.0
SIP, SIP_PAUSE = 40_000, 1.0  # a slow one takes so much each second


class Customer(threading.Thread):
    """Fetches again and again; `slowest` is the longest time of a fetch."""

    def __init__(self, ended: threading.Event) -> None:
        super().__init__(daemon=True)
        self.fetches, self.slowest = 0, 0.0
        self.problems: Counter[str] = Counter()
        self._ended = ended

    def run(self) -> None:
        while not self._ended.is_set():
            try:
                self._visit()
            except (OSError, SessionError, AttackError) as error:
                self.problems[f"{self.name}: {error!r}"] += 1
                time.sleep(PAUSE)

    def _visit(self) -> None:
        raise NotImplementedError


class FastCustomer(Customer):
    """Reads a digest and fetches it at once, and the name too; on one connection for a while, or until the server ends it."""

    def __init__(self, connect: Callable[[], Session], names: list[str], ended: threading.Event) -> None:
        super().__init__(ended)
        self._connect, self._names = connect, names

    def _visit(self) -> None:
        session = self._connect()
        try:
            for _ in range(ROUNDS):
                if self._ended.wait(PAUSE):
                    return
                session = self._fetch(session, random.choice(self._names))
        finally:
            session.close()

    def _fetch(self, session: Session, name: str) -> Session:
        session = self._usable(session)
        announced = session.get(f"/{name}.wasm.sha256").decode(errors="replace").strip()
        begin = time.monotonic()
        session = self._usable(session)
        body = session.get(digest_path(announced))
        self.slowest = max(self.slowest, time.monotonic() - begin)
        session = self._usable(session)
        current = session.fetch(f"/{name}.wasm")
        self.fetches += 2
        if digest_of(body) != announced or not current.is_as_announced:
            raise SessionError("other bytes than were announced")
        return session

    def _usable(self, session: Session) -> Session:
        """The same, or a new one if the server has said that it ends, as it does once its certificate is another."""
        if session.is_usable():
            return session
        session.close()
        return self._connect()


class SlowCustomer(Customer):
    """Takes a large module bit by bit, while it is replaced several times."""

    def __init__(self, port: int, names: list[str], ended: threading.Event) -> None:
        super().__init__(ended)
        self._port, self._names = port, names

    def _visit(self) -> None:
        with sockets.connect(self._port, receive_buffer=4096) as end:
            end.settimeout(LIMIT)
            end.sendall(f"GET /{random.choice(self._names)}.wasm HTTP/1.1\r\nHost: drill\r\nConnection: close\r\n\r\n".encode())
            received, sip = bytearray(), 0
            while chunk := end.recv(SIP):
                received += chunk
                sip += len(chunk)
                if sip >= SIP:
                    sip = 0
                    if self._ended.wait(SIP_PAUSE):
                        return
        responses, rest = http1.parse(bytes(received))
        self.fetches += 1
        if len(responses) != 1 or rest or responses[0].status != 200 or not responses[0].is_as_announced:
            raise SessionError(f"a torn answer of {len(received)} bytes")


def customers(
    server: WasmServer, context: ssl.SSLContext, names: list[str], large: list[str], ended: threading.Event
) -> list[Customer]:
    """Two of each protocol, two over TLS, and some slow ones."""

    def plain(protocol: str) -> Session:
        end = sockets.connect(server.port)
        end.settimeout(LIMIT)
        return PROTOCOLS[protocol](end)

    def secure() -> Session:
        return HTTP1Session(tls.connect(server.ports["tls"], context))

    fast = [FastCustomer(lambda each=each: plain(each), names, ended) for each in PROTOCOLS for _ in range(2)]
    fast += [FastCustomer(secure, names, ended) for _ in range(2)]
    return [*fast, *(SlowCustomer(server.port, large, ended) for _ in range(4))]
