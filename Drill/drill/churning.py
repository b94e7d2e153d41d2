# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A folder of modules that changes every second: new bytes, rejects, links, renames; and what is announced of it."""

import os
import random
from pathlib import Path

from harness.module import Module

STABLE, SIZES = 500, (2_000, 40_000)
LARGE, LARGE_SIZE = 3, 1_000_000
CHANGED = 5  # a second
SENTINEL = "sentinel"


class Churn:
    """Takes a step a second; after each, `sentinel` is what is announced as soon as the step was taken over."""

    def __init__(self, folder: Path) -> None:
        self.steps = 0
        self.names = [f"m{number}" for number in range(STABLE)]
        self.large = [f"large{number}" for number in range(LARGE)]
        self._folder, self._random, self._seed = folder, random.Random(1), 10_000
        for name in self.names:
            self._put(name, self._random.randint(*SIZES))
        for name in self.large:
            self._put(name, LARGE_SIZE)
        self.sentinel = self._put(SENTINEL, SIZES[0])
        self._passing: list[Path] = []

    def step(self) -> None:
        self.steps += 1
        for name in self._random.sample(self.names, CHANGED):
            self._put(name, self._random.randint(*SIZES), in_place=self._random.random() < 0.2)
        if self.steps % 10 == 0:
            self._put(self._random.choice(self.large), LARGE_SIZE)
        if self.steps % 20 == 0:
            self.settle()
        elif self.steps % 20 < 10:
            self._trouble()
        self.sentinel = self._put(SENTINEL, SIZES[0])

    def settle(self) -> None:
        """Takes away what is there for a while only."""
        for file in self._passing:
            file.unlink(missing_ok=True)
        self._passing.clear()

    def _trouble(self) -> None:
        """A reject, a link to a module, one to nothing, and a module that has another name each time."""
        reject, link, nowhere = (self._folder / f"{kind}{self.steps}.wasm" for kind in ("reject", "link", "nowhere"))
        reject.write_bytes(b"not a module")
        os.symlink(f"{self._random.choice(self.names)}.wasm", link)
        os.symlink("nothing.wasm", nowhere)
        moved = self._folder / f"moved{self.steps}.wasm"
        earlier = [file for file in self._passing if file.name.startswith("moved")]
        if earlier:
            earlier[0].rename(moved)
            self._passing.remove(earlier[0])
        else:
            Module.of(self.steps, SIZES[0]).write(moved)
        self._passing += [reject, link, nowhere, moved]

    def _put(self, name: str, size: int, in_place: bool = False) -> Module:
        """Another version, renamed over the one before or written in its place."""
        self._seed += 1
        module, file = Module.of(self._seed, size), self._folder / f"{name}.wasm"
        if in_place:
            module.write(file)
        else:
            module.write(file.with_suffix(".new")).rename(file)
        return module
