# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Clients that read what is announced, and then fetch it, while files change: fast ones, over TLS or not, and slow ones."""

import random
import time
from collections import Counter
from collections.abc import Callable, Collection

from verification.clients import http1, sockets
from verification.clients.sessions import PROTOCOLS, LastingSession, Session, SessionError, Visitor
from verification.sources.module import digest_of, digest_path
from verification.threads import ThreadGroup

ROUNDS = 20  # on a connection
READERS_PER_PROTOCOL = 3
PAUSE = 0.02
SIP, SIP_PAUSE = 40_000, 1.0  # a slow one takes so much each second

Connect = Callable[[], Session]


def plain(port: int, protocol: str) -> Connect:
    return lambda: PROTOCOLS[protocol](sockets.connect(port))


class Reader(Visitor):
    """Reads `NAME.wasm.sha256`, fetches that digest and `NAME.wasm`, and looks whether every body is what it should be.

    `versions` are the digests of what is written under each name; none, if anything may be.
    """

    def __init__(self, connect: Connect, versions: dict[str, Collection[str]], pause: float = PAUSE) -> None:
        super().__init__(pause)
        self.bodies, self.slowest = 0, 0.0
        self.seen: set[str] = set()
        self._connect, self._versions = connect, versions

    def visit(self) -> None:
        with LastingSession(self._connect) as session:
            for _ in range(ROUNDS):
                for name in random.sample(list(self._versions), min(len(self._versions), 2)):
                    if self.ended.wait(self._pause):
                        return
                    self._read(session, name)

    def _read(self, session: LastingSession, name: str) -> None:
        announced = session.get(f"/{name}.wasm.sha256").decode(errors="replace").strip()
        self._judge(name, announced, "announced")
        begin = time.monotonic()
        by_digest = self._fetch(session, announced)
        self.slowest = max(self.slowest, time.monotonic() - begin)
        current = session.fetch(f"/{name}.wasm")
        self._require(current.is_as_announced, "a body that is not what its own fields say")
        self._judge(name, current.digest, "served")
        self._require(digest_of(by_digest) == announced, "another digest at a digest's path")
        self.bodies += 2

    def _fetch(self, session: LastingSession, digest: str) -> bytes:
        try:
            return session.get(digest_path(digest))
        except SessionError as error:
            raise SessionError(f"{error} for an announced digest") from error

    def _judge(self, name: str, digest: str, what: str) -> None:
        self.seen.add(digest)
        versions = self._versions[name]
        self._require(not versions or digest in versions, f"{what}: a mix, or what was never written")

    def _require(self, is_true: bool, otherwise: str) -> None:
        if not is_true:
            self.problems[otherwise] += 1


class SlowReader(Visitor):
    """Takes a large module bit by bit, while it is replaced several times."""

    slowest = 0.0

    def __init__(self, port: int, names: list[str]) -> None:
        super().__init__()
        self.bodies = 0
        self._port, self._names = port, names

    def visit(self) -> None:
        request = http1.request(f"/{random.choice(self._names)}.wasm", closes=True)
        with sockets.ask(self._port, request, reads=False) as end:
            received, sip = bytearray(), 0
            while chunk := end.recv(SIP):
                received += chunk
                sip += len(chunk)
                if sip >= SIP:
                    sip = 0
                    if self.ended.wait(SIP_PAUSE):
                        return
        responses, rest = http1.parse(bytes(received))
        self.bodies += 1
        if len(responses) != 1 or rest or responses[0].status != 200 or not responses[0].is_as_announced:
            raise SessionError(f"a torn answer of {len(received)} bytes")


class Readers(ThreadGroup):
    """Several for each protocol, who read while the `with` block lasts."""

    def __init__(self, port: int, versions: dict[str, Collection[str]]) -> None:
        connects = [plain(port, protocol) for protocol in PROTOCOLS] * READERS_PER_PROTOCOL
        self._readers = [Reader(connect, versions) for connect in connects]
        super().__init__(self._readers)

    @property
    def bodies(self) -> int:
        return sum(reader.bodies for reader in self._readers)

    @property
    def seen(self) -> set[str]:
        return set().union(*(reader.seen for reader in self._readers))

    @property
    def problems(self) -> Counter[str]:
        return sum((reader.problems for reader in self._readers), Counter())
