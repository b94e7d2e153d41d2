# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Somebody who looks for modules that only a peer has, since a moment ago."""

import signal
import time
from pathlib import Path

from drill.modules import digest_of, digest_path
from harness import sockets
from harness.errors import AttackError
from harness.module import Module
from harness.server import WasmServer
from harness.sessions import HTTP1Session, SessionError

PAUSE = 0.5  # between two tries
LOOK_PERIOD, LOOK_LIMIT = 0.02, 30.0


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
        self._peer.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + LOOK_LIMIT
        while not any(event.get("sha256") == module.digest for event in list(self._peer.events)):
            if time.monotonic() > deadline:
                raise AttackError("the peer does not take over a module")
            time.sleep(LOOK_PERIOD)

    def _fetch(self, module: Module) -> None:
        with sockets.connect(self._port) as end:
            if digest_of(HTTP1Session(end).get(digest_path(module.digest))) != module.digest:
                raise SessionError("another digest")
