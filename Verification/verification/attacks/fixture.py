# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What a row of the robustness table works with, and what it is."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from verification.fixture import Fixture
from verification.server import kernel
from verification.server.process import WasmServer
from verification.sources.module import Module

SEED = 1
ROWS: list["Row"] = []


@dataclass
class AttackFixture(Fixture):
    """A server of its own, and the module that it serves."""

    module: Module
    server: WasmServer

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def modules(self) -> Path:
        """The folder that the server serves."""
        return self.work / "modules"

    def is_module(self, body: bytes) -> bool:
        return body == self.module.content

    def await_announced(
        self, server: WasmServer, path: str, module: Module, seconds: float, otherwise: str | None = None
    ) -> float | None:
        """Seconds until a module is what a path announces."""
        return self.await_until(lambda: server.announced(path) == module.digest, seconds, otherwise)

    def cpu(self) -> float:
        return kernel.cpu_seconds(self.server.pid)

    def anon(self) -> float:
        return self.server.anon()


Attack = Callable[[AttackFixture], None]


@dataclass(frozen=True)
class Row:
    """One row of the table: a threat, what is expected, and the attack that finds out.

    `flags` are the server's for this row, which may depend on its folder; `open_files` is its limit of descriptors;
    `is_bystander_kept` says that the one bystander that must not notice anything is the one that keeps its connection;
    `most_memory` is how much more of it the server may have, in MB.
    """

    attack: Attack
    number: int
    name: str
    expected: str
    flags: Sequence[str] | Callable[[Path], list[str]] = ()
    open_files: int | None = None
    is_bystander_kept: bool = False
    most_memory: float = 32.0

    def start(self, given: argparse.Namespace, work: Path) -> AttackFixture:
        """Starts the server, which serves a module of 4.3 MB."""
        module = Module.of(SEED)
        folder = module.write(work / "modules" / "plugin.wasm").parent
        flags = self.flags(work) if callable(self.flags) else self.flags
        server = WasmServer(given.server, [folder], *flags, open_files=self.open_files)
        return AttackFixture(given.server, work, given.quick, module, server.await_ready())


def row(number: int, name: str, expected: str, **more: object) -> Callable[[Attack], Attack]:
    """Enters an attack in the table as the row of this number."""

    def entered(attack: Attack) -> Attack:
        ROWS.append(Row(attack, number, name, expected, **more))
        return attack

    return entered
