# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Rows 71 and 73: files whose content is to make the server think, and searches beside thousands of modules."""

import statistics
import time
from collections.abc import Callable

from verification.attacks.fixture import AttackFixture, row
from verification.attacks.hostile_peer import HostilePeer, peer_flags
from verification.clients import http1, sockets
from verification.server import kernel
from verification.server.process import WasmServer, free_ports
from verification.sources.module import MAGIC, SMALLEST, Module, custom_section, digest_path, put_many
from verification.threads import ThreadGroup, at_once

LARGEST = 32 << 20
MOST_MEMORY, MOST_SECONDS = 80.0, 10.0  # the file, and what a server has anyway
ROOM = LARGEST - len(SMALLEST)

PORT = free_ports(1)[0]
MODULES, SMALL = 3000, 100
SOUGHT, ASKERS, SECONDS = 600, 12, 8.0
LEAST_FOUND, MOST_MEDIAN = 100, 1.0
HELD = 30
MOST_HELD_MEMORY = 48.0  # 16 MiB of lists, two more, and what is kept


def _filled(section: bytes) -> bytes:
    return SMALLEST + section * (ROOM // len(section))


FILES: dict[str, tuple[int, Callable[[], bytes]]] = {
    "empty custom sections": (200, lambda: _filled(b"\0\x01\0")),
    "padded sizes": (200, lambda: _filled(b"\0\x85\x80\x80\x80\0\x80\x80\x80\x80\0")),
    "a name of all of it": (200, lambda: SMALLEST + custom_section("é".encode() * (ROOM // 2 - 6))),
    "a name that is no UTF-8 at its end": (503, lambda: SMALLEST + custom_section(b"a" * (ROOM - 13) + b"\xff")),
    "sections up to one that is none": (503, lambda: _filled(b"\0\x01\0")[:-3] + b"\x7f\x01\0"),
    "sections and a line feed": (503, lambda: _filled(b"\0\x01\0")[:-3] + b"\n"),
    "characters that were replaced": (503, lambda: MAGIC + "�".encode() * (ROOM // 3)),
    "zero bytes": (503, lambda: bytes(LARGEST)),
    "a preamble and zero bytes": (503, lambda: MAGIC + bytes(ROOM)),
    "text": (503, lambda: b"a\r\n" * (LARGEST // 3)),
    "brackets": (503, lambda: b"[" * LARGEST),
    "a certificate": (503, lambda: b"-----BEGIN CERTIFICATE-----\n" + b"A" * (LARGEST - 28)),
    "a manifest": (503, lambda: b"apiVersion: v1\n" + b"- &a [*a,*a]\n" * (LARGEST // 14)),
    "a gzip file": (503, lambda: b"\x1f\x8b\x08" + bytes(LARGEST - 3)),
}


@row(71, "Millions of sections", "32 MiB: ≤ 80 MB in all, ready within 10 s")
def serve_odd_files(fixture: AttackFixture) -> None:
    """Files as large as a module may be: millions of sections, huge names, text.

    Each must be looked at in memory that is its size and little more, be it served in the end or not. Peers give such
    files, too.
    """
    most, slowest = 0.0, 0.0
    good = Module.of(1, 100).write(fixture.work / "good" / "good.wasm")
    for name, (status, content) in FILES.items():
        file = fixture.work / "file" / "plugin.wasm"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content())
        begin = time.monotonic()
        with WasmServer(fixture.binary, [good, file], "--max-module-size", str(LARGEST)) as server:
            seconds, memory = time.monotonic() - begin, kernel.peak_memory(server.pid)
            answer = server.status("/plugin.wasm.sha256")
            fixture.require(answer == status, f"{name}: {answer}, not {status}")
        fixture.require(memory <= MOST_MEMORY, f"{name}: {memory:.0f} MB")
        fixture.require(seconds <= MOST_SECONDS, f"{name}: ready after {seconds:.1f} s")
        most, slowest = max(most, memory), max(slowest, seconds)
    fixture.report(f"{len(FILES)} files of 32 MiB: at most {most:.0f} MB, ready within {slowest:.1f} s")


@row(73, "Searches beside many", "3,000 modules: all found, median ≤ 1 s; lists ≤ 48 MB")
def search_beside(fixture: AttackFixture) -> None:
    """A list and tables of thousands of modules need not be prepared anew for each digest that is searched for.

    Whoever takes a list slowly holds a version of it, and what is searched for makes another version.
    """
    folder = fixture.work / "many"
    put_many(folder, MODULES, SMALL)
    sought = [Module.of(100_000 + number, SMALL) for number in range(SOUGHT + HELD)]
    with HostilePeer(PORT, sought), WasmServer(fixture.binary, [folder], *peer_flags(PORT)) as server:
        _search(fixture, server, [module.digest for module in sought[:SOUGHT]])
        _hold_lists(fixture, server, [module.digest for module in sought[SOUGHT:]])


def _search(fixture: AttackFixture, server: WasmServer, digests: list[str]) -> None:
    statuses: list[int | None] = []
    times: list[float] = []
    end = time.monotonic() + SECONDS

    def ask(number: int) -> None:
        for digest in digests[number::ASKERS]:
            begin = time.monotonic()
            if begin > end:
                return
            statuses.append(server.status(digest_path(digest)))
            times.append(time.monotonic() - begin)

    with ThreadGroup(at_once(ASKERS, ask)):
        pass  # until all were asked for, or the time is up
    found, median = statuses.count(200), statistics.median(times)
    in_time = f"{found} of {len(statuses)} found in {SECONDS:.0f} s"
    fixture.report(f"{in_time} beside {MODULES} modules, median {median * 1000:.0f} ms")
    fixture.require(set(statuses) == {200}, f"answered with {sorted(set(statuses), key=str)}")
    fixture.require(found >= LEAST_FOUND, f"only {found} were found")
    fixture.require(median <= MOST_MEDIAN, f"a search took {median:.1f} s")


def _hold_lists(fixture: AttackFixture, server: WasmServer, digests: list[str]) -> None:
    listed = server.get("/modules")
    before, ends = server.anon(), []
    for digest in digests:
        fixture.require(server.status(digest_path(digest)) == 200, "what the peer has was not found")
        ends.append(sockets.ask(server.port, http1.request("/modules"), reads=False, source=sockets.LOOPBACK))
        ends[-1].recv(1)
    growth = server.anon() - before
    again = server.status("/modules")
    sockets.close_all(ends)
    size = len(listed.body) if listed else 0
    fixture.report(f"{HELD} lists of {size / 1e6:.1f} MB that nobody takes: {growth:+.0f} MB")
    fixture.require(growth <= MOST_HELD_MEMORY, f"{growth:.0f} MB for lists that nobody takes")
    fixture.require(again == 200, "there is no list any more")
    fixture.await_until(
        lambda: any(module["sha256"] == digests[-1] for module in server.modules("kept")),
        10.0,
        "the list does not tell what is kept when the others are gone",
    )
