# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Clients that read what is announced, and then fetch it, while files change."""

import threading
import time
from collections import Counter
from collections.abc import Collection

from drill.gateways import PROTOCOLS
from drill.modules import digest_of, digest_path
from harness import sockets
from harness.http1 import Response
from harness.sessions import Session, SessionError

ROUNDS_PER_CONNECTION = 20
READERS_PER_PROTOCOL = 3
PAUSE = 0.02
TRY_LIMIT = 10.0


class Reader(threading.Thread):
    """Reads `NAME.wasm.sha256`, fetches `NAME.wasm` and that digest, and looks whether every body is what it should be.

    `versions` are the digests of what is written under each name.
    """

    def __init__(self, protocol: str, port: int, versions: dict[str, Collection[str]], ended: threading.Event) -> None:
        super().__init__(daemon=True)
        self.bodies = 0
        self.seen: set[str] = set()
        self.problems: Counter[str] = Counter()
        self._protocol, self._port, self._versions, self._ended = protocol, port, versions, ended

    def run(self) -> None:
        while not self._ended.is_set():
            try:
                with sockets.connect(self._port) as end:
                    end.settimeout(TRY_LIMIT)
                    session = PROTOCOLS[self._protocol](end)
                    for _ in range(ROUNDS_PER_CONNECTION):
                        for name in self._versions:
                            self._read(session, name)
            except (OSError, SessionError) as error:
                self.problems[f"{self._protocol}: {error}"] += 1
                time.sleep(PAUSE)

    def _read(self, session: Session, name: str) -> None:
        announced = session.get(f"/{name}.wasm.sha256").decode(errors="replace").strip()
        self._judge(name, announced, "announced")
        current = session.fetch(f"/{name}.wasm")
        self._require(current.is_as_announced, "a body that is not what its own fields say")
        self._judge(name, digest_of(current.body), "served")
        self._require(digest_of(self._fetch(session, announced).body) == announced, "another digest at a digest's path")
        self.bodies += 2
        time.sleep(PAUSE)

    def _fetch(self, session: Session, digest: str) -> Response:
        try:
            return session.fetch(digest_path(digest))
        except SessionError as error:
            raise SessionError(f"{error} for an announced digest") from error

    def _judge(self, name: str, digest: str, what: str) -> None:
        self.seen.add(digest)
        self._require(digest in self._versions[name], f"{what}: a mix, or what was never written")

    def _require(self, is_true: bool, otherwise: str) -> None:
        if not is_true:
            self.problems[f"{self._protocol}: {otherwise}"] += 1


class Readers:
    """Several for each protocol, who read while the `with` block lasts."""

    def __init__(self, port: int, versions: dict[str, Collection[str]]) -> None:
        self._ended = threading.Event()
        self._readers = [
            Reader(protocol, port, versions, self._ended)
            for protocol in PROTOCOLS
            for _ in range(READERS_PER_PROTOCOL)
        ]

    @property
    def bodies(self) -> int:
        return sum(reader.bodies for reader in self._readers)

    @property
    def seen(self) -> set[str]:
        return set().union(*(reader.seen for reader in self._readers))

    @property
    def problems(self) -> Counter[str]:
        return sum((reader.problems for reader in self._readers), Counter())

    def __enter__(self) -> "Readers":
        for reader in self._readers:
            reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for reader in self._readers:
            reader.join()
