# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A mounted ConfigMap with two modules, swapped a hundred times a second: one document never names two generations."""

import time
from collections import Counter

from bench import processes
from drill import watched
from drill.modules import plugin
from drill.readers import Readers
from drill.row import Row
from drill.writer import Writer
from harness.configmap import ConfigMap
from harness.repeating import Repeating
from harness.scene import Stage
from harness.server import WasmServer

GENERATIONS = 100
SIZES = {"first": 200_000, "second": 100_000}
INTERVAL = 0.01
DOCUMENT_INTERVAL = 0.02
SECONDS, QUICK_SECONDS = 60.0, 8.0
SETTLED_LIMIT = 5.0
RETAIN = 16  # MiB: less than all generations need
WARM_UP = 3.0
HEAP = 8  # MiB: what the allocator holds on to of making tables and lists; it was measured to stay the same for 600 changes
NAMES = list(SIZES)


def play(stage: Stage) -> None:
    generations = [
        {f"{name}.wasm": plugin(number * len(SIZES) + NAMES.index(name), size) for name, size in SIZES.items()}
        for number in range(GENERATIONS)
    ]
    documents = Documents([{f"/{name}": module.digest for name, module in each.items()} for each in generations])
    mount = ConfigMap(stage.work / "mount", *generations)
    versions = {name: {each[f"{name}.wasm"].digest for each in generations} for name in NAMES}
    with WasmServer(stage.binary, [mount.root], *watched.flags(stage, f"{RETAIN}MiB")) as server:
        with Readers(server.port, versions), watched.made_to_look(server):
            mount.swap()
            time.sleep(WARM_UP)  # what a server allocates once, for its first connections and change, is not growth
        before = _kib(server)
        readers = Readers(server.port, versions)
        reading = Repeating(lambda: documents.read(server.port), DOCUMENT_INTERVAL)
        with Writer(lambda _: mount.swap(), INTERVAL) as writer, watched.made_to_look(server), readers, reading:
            time.sleep(QUICK_SECONDS if stage.quick else SECONDS)
        last = documents.generations[(mount.swaps + writer.steps - 1) % GENERATIONS]
        settled = stage.await_until(lambda: watched.current_modules(server.port) == last, SETTLED_LIMIT)
        growth = (_kib(server) - before) / 1024
        stage.require(server.is_running, "the server ended")
    stage.tell(
        f"{writer.steps:,} swaps, {readers.bodies:,} bodies of {len(readers.seen)} versions, "
        f"{readers.problems.total()} wrong, {documents.count:,} documents of {len(documents.seen)} generations, "
        f"{documents.problems.total()} wrong, the last generation current after "
        f"{'never' if settled is None else f'{settled:.1f} s'}, memory +{growth:.1f} MiB, {RETAIN} of them retained at most"
    )
    problems = readers.problems + documents.problems
    stage.require(not problems, f"{problems.most_common(5)}")
    stage.require(settled is not None, "the last generation is not served")
    stage.require(growth <= RETAIN + HEAP, f"memory grew by {growth:.1f} MiB, more than {RETAIN} and {HEAP} of the heap")


class Documents:
    """Reads `/modules` and looks whether it names one generation, and all of it."""

    def __init__(self, generations: list[dict[str, str]]) -> None:
        self.generations, self.count = generations, 0
        self.seen: set[int] = set()
        self.problems: Counter[str] = Counter()

    def read(self, port: int) -> None:
        self.count += 1
        try:
            self.seen.add(self.generations.index(watched.current_modules(port)))
        except ValueError:
            self.problems["a document of two generations, or of less than one"] += 1
        except Exception as error:  # in a thread of its own: told with the others, at the end
            self.problems[repr(error)] += 1


def _kib(server: WasmServer) -> int:
    """What the container is charged for: memory of its own, and memory files, which hold modules."""
    memory = processes.memory_kib(frozenset([server.pid]))
    return memory["anon"] + memory["memfd"]


ROW = Row("data-swaps", "no mix, no error; memory within what may be retained", play)
