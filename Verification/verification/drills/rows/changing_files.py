# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Files that change a hundred times a second: one that is rewritten or replaced, and a mounted ConfigMap that is swapped."""

import os
import random
import time
from collections import Counter
from pathlib import Path

from verification.drills.readers import Readers
from verification.fixture import Fixture, Row, in_seconds
from verification.programs import VerificationError
from verification.server import kernel
from verification.server.process import WasmServer
from verification.sources.module import Module
from verification.sources.mounts import ConfigMap
from verification.threads import PeriodicProcess, PeriodicThread

INTERVAL = 0.01
RELOAD_PERIOD = 0.1  # of its own accord the server looks once a second
SECONDS, QUICK_SECONDS = 60.0, 8.0
SETTLED_LIMIT = 5.0

VERSIONS, SIZE = 8, 1_000_000
PIECE = 128 << 10  # as cp(1) writes
REST_EVERY, LONGEST_REST = 25, 1.0  # writes, seconds

GENERATIONS = 100
SIZES = {"first": 200_000, "second": 100_000}
NAMES = list(SIZES)
DOCUMENT_INTERVAL = 0.02
RETAIN = 16  # MiB: less than all generations need
WARM_UP = 3.0
HEAP = 8  # MiB: what the allocator holds on to of making tables and lists; it was measured to stay the same for 600 changes


def rewrite(fixture: Fixture) -> None:
    """Whatever is served is whole.

    In the first half the file is never left alone; in the second one now and then, so that it is read at every moment
    between a file at rest and the next write.
    """
    versions = [Module.plugin(version, SIZE) for version in range(VERSIONS)]
    file = versions[0].write(fixture.work / "modules" / "plugin.wasm")
    seconds = QUICK_SECONDS if fixture.quick else SECONDS
    half = time.monotonic() + seconds / 2

    def step(number: int) -> None:
        if number % REST_EVERY == 0 and time.monotonic() > half:
            time.sleep(random.uniform(0, LONGEST_REST))
        _write(file, versions[number % VERSIONS], in_place=number % 2 == 0)

    writer = PeriodicProcess(step, INTERVAL)
    with WasmServer(fixture.binary, [file], "--retain-memory", "64MiB") as server:
        readers = Readers(server.port, {"plugin": {version.digest for version in versions}})
        with writer, _reloading(server), readers:
            time.sleep(seconds)
        last = {"/plugin.wasm": versions[(writer.steps - 1) % VERSIONS].digest}
        late = "what was written last is not served"
        settled = fixture.await_until(lambda: _current(server) == last, SETTLED_LIMIT, late)
        fixture.require(server.is_running, "the server ended")
    fixture.report(
        f"{writer.steps:,} writes, {readers.bodies:,} bodies of {len(readers.seen)} versions, "
        f"{readers.problems.total()} wrong, the last version current after {in_seconds(settled)}"
    )
    fixture.require(not readers.problems, f"{readers.problems.most_common(5)}")


def _write(file: Path, version: Module, in_place: bool) -> None:
    target = file if in_place else file.with_suffix(".new")
    with open(target, "r+b" if in_place else "wb", buffering=0) as end:
        end.writelines(version.content[at : at + PIECE] for at in range(0, len(version.content), PIECE))
    if not in_place:
        os.rename(target, file)


def swap(fixture: Fixture) -> None:
    """One document never names two generations of a ConfigMap with two modules."""
    generations = [
        {f"{name}.wasm": Module.plugin(number * len(SIZES) + NAMES.index(name), size) for name, size in SIZES.items()}
        for number in range(GENERATIONS)
    ]
    documents = Documents([{f"/{name}": module.digest for name, module in each.items()} for each in generations])
    mount = ConfigMap(fixture.work / "mount", *generations)
    versions = {name: {each[f"{name}.wasm"].digest for each in generations} for name in NAMES}
    with WasmServer(fixture.binary, [mount.root], "--retain-memory", f"{RETAIN}MiB") as server:
        with Readers(server.port, versions), _reloading(server):
            mount.swap()
            time.sleep(WARM_UP)  # what a server allocates once, for its first connections and change, is not growth
        before = _kib(server)
        readers = Readers(server.port, versions)
        reading = PeriodicThread(lambda: documents.read(server), DOCUMENT_INTERVAL)
        with PeriodicProcess(lambda _: mount.swap(), INTERVAL) as writer, _reloading(server), readers, reading:
            time.sleep(QUICK_SECONDS if fixture.quick else SECONDS)
        last = documents.generations[(mount.swaps + writer.steps - 1) % GENERATIONS]
        late = "the last generation is not served"
        settled = fixture.await_until(lambda: _current(server) == last, SETTLED_LIMIT, late)
        growth = (_kib(server) - before) / 1024
        fixture.require(server.is_running, "the server ended")
    fixture.report(
        f"{writer.steps:,} swaps, {readers.bodies:,} bodies of {len(readers.seen)} versions, "
        f"{readers.problems.total()} wrong, {documents.count:,} documents of {len(documents.seen)} generations, "
        f"{documents.problems.total()} wrong, the last generation current after "
        f"{in_seconds(settled)}, memory +{growth:.1f} MiB, {RETAIN} of them retained at most"
    )
    problems = readers.problems + documents.problems
    fixture.require(not problems, f"{problems.most_common(5)}")
    more = f"memory grew by {growth:.1f} MiB, more than {RETAIN} and {HEAP} of the heap"
    fixture.require(growth <= RETAIN + HEAP, more)


class Documents:
    """Reads `/modules` and looks whether it names one generation, and all of it."""

    def __init__(self, generations: list[dict[str, str]]) -> None:
        self.generations, self.count = generations, 0
        self.seen: set[int] = set()
        self.problems: Counter[str] = Counter()

    def read(self, server: WasmServer) -> None:
        self.count += 1
        try:
            self.seen.add(self.generations.index(_current(server)))
        except ValueError:
            self.problems["a document of two generations, or of less than one"] += 1
        except Exception as error:  # in a thread of its own: told with the others, at the end
            self.problems[repr(error)] += 1


def _reloading(server: WasmServer) -> PeriodicThread:
    """SIGHUP again and again, so as to look at files in all their states."""
    return PeriodicThread(server.reload, RELOAD_PERIOD)


def _current(server: WasmServer) -> dict[str, str]:
    """The digest of each path, out of one document."""
    response = server.get("/modules")
    if response is None or response.status != 200:
        raise VerificationError(f"/modules answered {response.status if response else 'nothing'}")
    modules = response.json()["modules"]
    return {
        each["path"]: each["sha256"] for each in modules if each.get("state") == "current" and each.get("verdict") == "admitted"
    }


def _kib(server: WasmServer) -> int:
    """What the container is charged for: memory of its own, and memory files, which hold modules."""
    memory = kernel.memory_kib([server.pid])
    return memory["anon"] + memory["memfd"]


ROWS = [
    Row("rewritten", "every body as announced, of one version; no error", rewrite),
    Row("data-swaps", "no mix, no error; memory within what may be retained", swap),
]
