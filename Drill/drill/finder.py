# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Somebody who looks for modules that only a sibling has."""

import time

from drill.modules import digest_of, digest_path
from harness import sockets
from harness.module import Module
from harness.sessions import HTTP1Session, SessionError

PAUSE = 0.5  # between two tries


class Finder:
    """Asks for one module after another that only a sibling has, with two tries as Envoy has."""

    def __init__(self, port: int, modules: list[Module]) -> None:
        self.asked = self.found = self.retried = 0
        self.problems: list[str] = []
        self._port, self._modules = port, iter(modules)

    def find_next(self) -> None:
        if (module := next(self._modules, None)) is None:
            return
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

    def _fetch(self, module: Module) -> None:
        with sockets.connect(self._port) as end:
            if digest_of(HTTP1Session(end).get(digest_path(module.digest))) != module.digest:
                raise SessionError("another digest")
