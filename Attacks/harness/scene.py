# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What a row works with, and what it finds out."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from harness import kernel
from harness.module import Module
from harness.server import WasmServer, supports


@dataclass
class Stage:
    """A server to start, a folder to work in, and a list of what went wrong."""

    binary: Path
    work: Path
    quick: bool
    figures: list[str] = field(default_factory=list, kw_only=True)
    failures: list[str] = field(default_factory=list, kw_only=True)

    def tell(self, figure: str) -> None:
        self.figures.append(figure)

    def require(self, is_true: bool, otherwise: str) -> bool:
        if not is_true:
            self.failures.append(otherwise)
        return is_true

    def has(self, flag: str) -> bool:
        """Whether the server knows a flag; a row cannot pass without what it is about."""
        return self.require(supports(self.binary, flag), f"the server has no {flag}")

    def await_until(self, condition: Callable[[], bool], seconds: float) -> float | None:
        """Seconds until a condition was met, or None if it was not."""
        begin = time.monotonic()
        while not condition():
            if time.monotonic() - begin > seconds:
                return None
            time.sleep(0.05)
        return time.monotonic() - begin


@dataclass
class Scene(Stage):
    """One row on stage: a server of its own, and the module that it serves."""

    module: Module
    server: WasmServer

    def tell_each(self, figures: dict[str, str]) -> None:
        """Tells figures that are often the same together: `GOAWAY 11 after 201: module, 404`."""
        for figure in dict.fromkeys(figures.values()):
            self.tell(f"{figure}: {', '.join(form for form, its in figures.items() if its == figure)}")

    def is_module(self, body: bytes) -> bool:
        return hashlib.sha256(body).hexdigest() == self.module.digest

    def cpu(self) -> float:
        return kernel.cpu_seconds(self.server.pid)

    def anon(self) -> float:
        return kernel.memory(self.server.pid).anon


@dataclass(frozen=True)
class Row:
    """One row of the table: a threat, what is expected, and the attack that finds out.

    `flags` are the server's for this row; `open_files` is its limit of descriptors; `is_bystander_kept` says that the
    one bystander that must not notice anything is the one that keeps its connection; `most_memory` is how much more of it
    the server may have, in MB.
    """

    number: int
    name: str
    expected: str
    attack: Callable[[Scene], None]
    flags: Callable[[Path, Path], list[str]] = lambda _binary, _work: []
    open_files: int | None = None
    is_bystander_kept: bool = False
    most_memory: float = 32.0
