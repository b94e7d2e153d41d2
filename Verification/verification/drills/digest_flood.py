# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A flood of requests, each for another random digest, which wrk(1) makes; and somebody who looks for real ones meanwhile."""

import json
import time
from collections import Counter
from pathlib import Path

from verification.clients import sockets
from verification.clients.sessions import HTTP1Session, SessionError
from verification.programs import VerificationError, program_path, run
from verification.server.process import WasmServer
from verification.sources.module import Module, digest_of

SCRIPT = Path(__file__).with_suffix(".lua")
LIMIT = 60.0
NICENESS = 10  # the attacker has a machine of his own: here, servers and bystander come first
PAUSE = 0.5  # between two tries
LOOK_PERIOD, LOOK_LIMIT = 0.02, 30.0


def flood(port: int, prefix: str, suffix: str, connections: int, seconds: int) -> Counter[str]:
    """How often each outcome came: `not_found`, `unavailable`, `other`, and `broken` for no answer."""
    load = f"--threads 1 --connections {connections} --duration {seconds}s --timeout 15s".split()
    wrk = [program_path("wrk", "bench"), *load, "--script", SCRIPT, f"http://127.0.0.1:{port}", "--", prefix, suffix]
    result = run("nice", f"--adjustment={NICENESS}", *wrk, timeout=seconds + LIMIT)
    lines = [line for line in result.stdout.splitlines() if line.startswith("{")]
    if not lines:
        raise VerificationError(f"wrk said nothing of use: {result.stdout}{result.stderr}")
    return Counter(json.loads(lines[0]))


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
        self._peer.reload()
        deadline = time.monotonic() + LOOK_LIMIT
        while not self._peer.has_said(module.digest):
            if time.monotonic() > deadline:
                raise VerificationError("the peer does not take over a module")
            time.sleep(LOOK_PERIOD)

    def _fetch(self, module: Module) -> None:
        with HTTP1Session(sockets.connect(self._port)) as session:
            if digest_of(session.get(module.path)) != module.digest:
                raise SessionError("another digest")
