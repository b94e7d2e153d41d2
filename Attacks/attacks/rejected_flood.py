# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 36, tens of thousands of names beside one good module that cannot be served."""

import json
import os
import shutil
import statistics
import threading
import time
from pathlib import Path

from harness import http1
from harness.scene import Row, Scene

LINKS = 30_000
NAMED = 100
MOST_DOCUMENT = 100_000
MOST_CPU = 0.05
NOTICED, RECOVERED = 60.0, 120.0
ASKERS = 4
MOST_MEDIAN = 50.0  # milliseconds
GET_SMALL = "/plugin.wasm.sha256"


def attack(scene: Scene) -> None:
    flood = scene.work / "modules" / "flood"
    operations = scene.server.ports["operations"]
    idle = scene.server.cpu_share(5.0)
    _plant(flood)
    noticed = scene.await_until(lambda: _rejected(scene) == LINKS, NOTICED)
    cpu = scene.server.cpu_share(30.0 if scene.quick else 60.0)
    sizes = {
        "/modules": _size(scene.server.port, "/modules"),
        "/readyz?verbose": _size(operations, "/readyz?verbose"),
    }
    median = _median_under_load(scene, operations, 3.0 if scene.quick else 10.0)
    lines = sum(event.get("message") == "rejected" for event in scene.server.events)
    shutil.rmtree(flood)
    recovered = scene.await_until(lambda: _rejected(scene) == 0, RECOVERED)
    scene.tell(
        f"{LINKS} links: noticed in {'never' if noticed is None else f'{noticed:.1f} s'}, {cpu - idle:.1%} CPU, "
        f"{', '.join(f'{path} {size / 1000:.0f} kB' for path, size in sizes.items())}, {lines} lines, "
        f"median {median:.1f} ms while {ASKERS} ask for them, "
        f"well {'never' if recovered is None else f'{recovered:.1f} s'} after"
    )
    scene.require(noticed is not None, "they are not counted in /modules")
    scene.require(cpu - idle <= MOST_CPU, f"{cpu - idle:.0%} of a core for looking at them")
    for path, size in sizes.items():
        scene.require(0 < size <= MOST_DOCUMENT, f"{path} has {size} bytes")
    scene.require(lines <= NAMED, f"{lines} log lines")
    scene.require(median <= MOST_MEDIAN, f"a small answer took {median:.0f} ms while others asked for documents")
    scene.require(recovered is not None, "they are still counted when they are gone")


def _plant(flood: Path) -> None:
    """All of them at once: each look at some of them would name others."""
    hidden = flood.with_name(".flood")
    hidden.mkdir()
    for number in range(LINKS):
        os.symlink("/dev/null", hidden / f"{number}.wasm")
    hidden.rename(flood)


def _median_under_load(scene: Scene, operations: int, seconds: float) -> float:
    ended = threading.Event()
    documents = [(operations, "/readyz?verbose"), (scene.server.port, "/modules")]

    def ask(number: int) -> None:
        while not ended.wait(0.01):
            http1.get(*documents[number % len(documents)])

    askers = [threading.Thread(target=ask, args=(number,), daemon=True) for number in range(ASKERS)]
    for asker in askers:
        asker.start()
    times, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        begin = time.perf_counter()
        http1.get(scene.server.port, GET_SMALL)
        times.append((time.perf_counter() - begin) * 1000)
        time.sleep(0.02)
    ended.set()
    for asker in askers:
        asker.join()
    return statistics.median(times)


def _rejected(scene: Scene) -> int:
    response = http1.get(scene.server.port, "/modules")
    return json.loads(response.body).get("rejectedCount", -1) if response else -1


def _size(port: int, path: str) -> int:
    response = http1.get(port, path)
    return len(response.body) if response else 0


ROW = Row(36, "Flood of rejected names", "documents ≤ 100 kB, 100 lines, ≤ 5 % CPU", attack)
