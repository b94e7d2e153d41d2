# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Rows 36 and 72, thousands of names beside one good module: names that cannot be served, and paths as long as may be."""

import os
import shutil
import statistics
import time
from functools import partial
from pathlib import Path

from verification.attacks.fixture import AttackFixture, row
from verification.clients import http1
from verification.fixture import in_seconds
from verification.sources.module import Module
from verification.threads import PeriodicThread, ThreadGroup

LINKS = 30_000
NAMED_LINES = 100
MOST_DOCUMENT = 100_000
MOST_CPU = 0.05
NOTICED, RECOVERED = 60.0, 120.0
ASKERS = 4
MOST_MEDIAN = 50.0  # milliseconds

NAMED, ALLOWED, TOO_MANY = 1500, 1000, 1100
LONG = ["é" * 120] * 13  # 3,132 bytes, and thrice as many in a URL
FITTING = ["a" * 240] * 4
MOST_REJECTED, MOST_LIST, MOST_METRICS = 500_000, 8_000_000, 25_000_000
MOST_MEMORY = 128.0
INFO = b"\nwasm_server_module_info{"


@row(36, "Flood of rejected names", "documents ≤ 100 kB, 100 lines, ≤ 5 % CPU")
def reject(fixture: AttackFixture) -> None:
    """Tens of thousands of names that cannot be served."""
    flood, server = fixture.modules / "flood", fixture.server
    documents = {"/modules": server.port, "/readyz?verbose": server.ports["operations"]}
    idle = server.cpu_share(5.0)
    hidden = _hidden(flood)
    for number in range(LINKS):
        os.symlink("/dev/null", hidden / f"{number}.wasm")
    hidden.rename(flood)
    noticed = fixture.await_until(lambda: server.rejected == LINKS, NOTICED, "they are not counted in /modules")
    cpu = server.cpu_share(30.0 if fixture.quick else 60.0) - idle
    sizes = {path: len(_body(port, path)) for path, port in documents.items()}
    median = _median_under_load(fixture, documents, 3.0 if fixture.quick else 10.0)
    lines = len(server.says_of("rejected"))
    shutil.rmtree(flood)
    recovered = fixture.await_until(lambda: server.rejected == 0, RECOVERED, "they are still counted when they are gone")
    fixture.report(
        f"{LINKS} links: noticed in {in_seconds(noticed)}, {cpu:.1%} CPU, "
        f"{', '.join(f'{path} {size / 1000:.0f} kB' for path, size in sizes.items())}, {lines} lines, "
        f"median {median:.1f} ms while {ASKERS} ask for them, well {in_seconds(recovered)} after"
    )
    fixture.require(cpu <= MOST_CPU, f"{cpu:.0%} of a core for looking at them")
    for path, size in sizes.items():
        fixture.require(0 < size <= MOST_DOCUMENT, f"{path} has {size} bytes")
    fixture.require(lines <= NAMED_LINES, f"{lines} log lines")
    fixture.require(median <= MOST_MEDIAN, f"a small answer took {median:.0f} ms while others asked for documents")


def _hidden(folder: Path) -> Path:
    """Where files are put that are to be there all at once, as each look at some of them would find others."""
    hidden = folder.with_name(f".{folder.name}")
    hidden.mkdir()
    return hidden


def _body(port: int, path: str) -> bytes:
    """Of a response that has come within five seconds."""
    response = http1.get(port, path)
    return response.body if response else b""


def _median_under_load(fixture: AttackFixture, documents: dict[str, int], seconds: float) -> float:
    asked = list(documents.items()) * (ASKERS // len(documents))
    with ThreadGroup(PeriodicThread(partial(http1.get, port, path), 0.01) for path, port in asked):
        times, end = [], time.monotonic() + seconds
        while time.monotonic() < end:
            begin = time.perf_counter()
            fixture.server.announced()
            times.append((time.perf_counter() - begin) * 1000)
            time.sleep(0.02)
    return statistics.median(times)


@row(
    72,
    "Long paths",
    "rejected by name or as a whole; documents ≤ 500 kB, else in 5 s; ≤ 128 MB",
    flags=["--retain", "0"],
    most_memory=MOST_MEMORY,
)
def lengthen(fixture: AttackFixture) -> None:
    """Modules below directories whose names are as long as a file system allows: each stands in documents and metrics."""
    before, server = fixture.anon(), fixture.server
    operations = server.ports["operations"]
    for name, directories, count, rejected in (
        ("too long", LONG, NAMED, NAMED),
        ("in all too long", FITTING, TOO_MANY, 1),
        ("allowed", FITTING, ALLOWED, 0),
    ):
        planted = _plant(fixture.modules / "long", directories, count)
        served = 1 if rejected else 1 + count
        noticed = fixture.await_until(lambda: _counts(fixture) == (rejected, served), NOTICED)  # noqa: B023
        counts = f"{_counts(fixture)} are rejected and served, not {(rejected, served)}"
        fixture.require(noticed is not None, f"{name}: {counts}")
        listed = len(_body(server.port, "/modules"))
        wrong = f"{name}: the metrics tell something else"
        fixture.await_until(lambda: _body(operations, "/metrics").count(INFO) == served, NOTICED, wrong)  # noqa: B023
        measured, growth = len(_body(operations, "/metrics")), fixture.anon() - before
        fixture.report(f"{name}: /modules {listed / 1e3:.0f} kB, metrics {measured / 1e3:.0f} kB, {growth:+.0f} MB")
        fixture.require(listed <= (MOST_REJECTED if rejected else MOST_LIST), f"{name}: /modules has {listed} bytes")
        fixture.require(measured <= (MOST_REJECTED if rejected else MOST_METRICS), f"{name}: metrics have {measured} bytes")
        fixture.require(growth <= MOST_MEMORY, f"{name}: {growth:.0f} MB")
        shutil.rmtree(planted)
        fixture.await_until(lambda: _counts(fixture) == (0, 1), NOTICED, f"{name}: they are not gone")


def _plant(folder: Path, directories: list[str], count: int) -> Path:
    """A name of all directories would be too long for the system, so they are made one in another."""
    hidden = _hidden(folder)
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


def _counts(fixture: AttackFixture) -> tuple[int, int]:
    """How many are rejected, and how many current."""
    listing = fixture.server.listing()
    return listing.get("rejectedCount", -1), sum(module["state"] == "current" for module in listing["modules"])
