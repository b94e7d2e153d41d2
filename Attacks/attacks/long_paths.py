# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 72, modules below directories whose names are as long as a file system allows: each stands in documents and metrics."""

import json
import os
import shutil
from pathlib import Path

from harness import http1
from harness.module import Module
from harness.scene import Row, Scene

NAMED, ALLOWED, TOO_MANY = 1500, 1000, 1100
LONG = ["é" * 120] * 13  # 3,132 bytes, and thrice as many in a URL
FITTING = ["a" * 240] * 4
MOST_REJECTED, MOST_LIST, MOST_METRICS = 500_000, 8_000_000, 25_000_000
MOST_MEMORY = 128.0
NOTICED = 60.0
INFO = b"\nwasm_server_module_info{"


def attack(scene: Scene) -> None:
    before = scene.anon()
    for name, directory, count, rejected in (
        ("too long", LONG, NAMED, NAMED), ("in all too long", FITTING, TOO_MANY, 1), ("allowed", FITTING, ALLOWED, 0),
    ):  # fmt: skip
        planted = _plant(scene.work / "modules" / "long", directory, count)
        is_as_expected = (rejected, 1 if rejected else 1 + count)
        noticed = scene.await_until(lambda: _counts(scene) == is_as_expected, NOTICED)
        scene.require(noticed is not None, f"{name}: {_counts(scene)} are rejected and served, not {is_as_expected}")
        listed = len(http1.get(scene.server.port, "/modules").body)
        told = scene.await_until(lambda: _metrics(scene).count(INFO) == is_as_expected[1], NOTICED)
        scene.require(told is not None, f"{name}: the metrics tell something else")
        measured = len(_metrics(scene))
        scene.tell(f"{name}: /modules {listed / 1e3:.0f} kB, metrics {measured / 1e3:.0f} kB, {scene.anon() - before:+.0f} MB")
        scene.require(listed <= (MOST_REJECTED if rejected else MOST_LIST), f"{name}: /modules has {listed} bytes")
        scene.require(measured <= (MOST_REJECTED if rejected else MOST_METRICS), f"{name}: metrics have {measured} bytes")
        scene.require(scene.anon() - before <= MOST_MEMORY, f"{name}: {scene.anon() - before:.0f} MB")
        shutil.rmtree(planted)
        gone = scene.await_until(lambda: _counts(scene) == (0, 1), NOTICED)
        scene.require(gone is not None, f"{name}: they are not gone")


def _plant(folder: Path, directories: list[str], count: int) -> Path:
    """All of them at once, as each look at some of them would find another source.

    A name of all directories would be too long for the system.
    """
    hidden = folder.with_name(f".{folder.name}")
    hidden.mkdir()
    place = os.open(hidden, os.O_RDONLY)
    for directory in directories:
        os.mkdir(directory, dir_fd=place)
        below = os.open(directory, os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = below
    content = Module.of(1, 100).content
    for number in range(count):
        file = os.open(f"{number:04}.wasm", os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=place)
        os.write(file, content)
        os.close(file)
    os.close(place)
    return hidden.rename(folder)


def _metrics(scene: Scene) -> bytes:
    """Of a response that has come within five seconds."""
    answer = http1.get(scene.server.ports["operations"], "/metrics")
    return answer.body if answer else b""


def _counts(scene: Scene) -> tuple[int, int]:
    """How many are rejected, and how many current."""
    answer = http1.get(scene.server.port, "/modules")
    document = json.loads(answer.body) if answer else {"modules": []}
    current = sum(module["state"] == "current" for module in document["modules"])
    return document.get("rejectedCount", -1), current


ROW = Row(
    72, "Long paths", "rejected by name or as a whole; documents ≤ 500 kB, else in 5 s; ≤ 128 MB", attack,
    flags=lambda _binary, _work: ["--retain", "0"],
    most_memory=MOST_MEMORY,
)  # fmt: skip
