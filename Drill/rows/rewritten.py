# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A file that is rewritten in place, or replaced by a rename, a hundred times a second: whatever is served is whole.

In the first half the file is never left alone; in the second one now and then, so that it is read at every moment
between a file at rest and the next write.
"""

import os
import random
import time
from pathlib import Path

from drill import watched
from drill.modules import plugin
from drill.readers import Readers
from drill.row import Row
from drill.writer import Writer
from harness.module import Module
from harness.scene import Stage
from harness.server import WasmServer

VERSIONS, SIZE = 8, 1_000_000
INTERVAL = 0.01
PIECE = 128 << 10  # as cp(1) writes
SECONDS, QUICK_SECONDS = 60.0, 8.0
SETTLED_LIMIT = 5.0
REST_EVERY, LONGEST_REST = 25, 1.0  # writes, seconds


def play(stage: Stage) -> None:
    versions = [plugin(version, SIZE) for version in range(VERSIONS)]
    file = versions[0].write(stage.work / "modules" / "plugin.wasm")
    seconds = QUICK_SECONDS if stage.quick else SECONDS
    half = time.monotonic() + seconds / 2

    def step(number: int) -> None:
        if number % REST_EVERY == 0 and time.monotonic() > half:
            time.sleep(random.uniform(0, LONGEST_REST))
        _write(file, versions[number % VERSIONS], in_place=number % 2 == 0)

    writer = Writer(step, INTERVAL)
    with WasmServer(stage.binary, [file], *watched.flags(stage, "64MiB")) as server:
        readers = Readers(server.port, {"plugin": {version.digest for version in versions}})
        with writer, watched.made_to_look(server), readers:
            time.sleep(seconds)
        last = versions[(writer.steps - 1) % VERSIONS].digest
        settled = stage.await_until(
            lambda: watched.current_modules(server.port) == {"/plugin.wasm": last}, SETTLED_LIMIT
        )
        stage.require(server.is_running, "the server ended")
    stage.tell(
        f"{writer.steps:,} writes, {readers.bodies:,} bodies of {len(readers.seen)} versions, "
        f"{readers.problems.total()} wrong, the last version current after "
        f"{'never' if settled is None else f'{settled:.1f} s'}"
    )
    stage.require(not readers.problems, f"{readers.problems.most_common(5)}")
    stage.require(settled is not None, "what was written last is not served")


def _write(file: Path, version: Module, in_place: bool) -> None:
    target = file if in_place else file.with_suffix(".new")
    with open(target, "r+b" if in_place else "wb", buffering=0) as end:
        for at in range(0, len(version.content), PIECE):
            end.write(version.content[at : at + PIECE])
    if not in_place:
        os.rename(target, file)


ROW = Row("rewritten", "every body as announced, of one version; no error", play)
