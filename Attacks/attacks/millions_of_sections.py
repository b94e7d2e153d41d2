# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 71, files as large as a module may be whose content is to make the server think: millions of sections, huge names, text.

Each must be looked at in memory that is its size and little more, be it served in the end or not. Peers give such files, too.
"""

import time
from collections.abc import Callable

from harness import http1, kernel
from harness.module import PREAMBLE, Module, leb128
from harness.scene import Row, Scene
from harness.server import WasmServer

LARGEST = 32 << 20
MOST_MEMORY, MOST_SECONDS = 80.0, 10.0  # the file, and what a server has anyway
ROOM = LARGEST - len(PREAMBLE)


def _module(section: bytes) -> bytes:
    return PREAMBLE + section * (ROOM // len(section))


def _named(name: bytes, behind: bytes = b"") -> bytes:
    content = leb128(len(name)) + name + behind
    return PREAMBLE + b"\0" + leb128(len(content)) + content


FILES: dict[str, tuple[int, Callable[[], bytes]]] = {
    "empty custom sections": (200, lambda: _module(b"\0\x01\0")),
    "padded sizes": (200, lambda: _module(b"\0\x85\x80\x80\x80\0\x80\x80\x80\x80\0")),
    "a name of all of it": (200, lambda: _named("é".encode() * (ROOM // 2 - 6))),
    "a name that is no UTF-8 at its end": (503, lambda: _named(b"a" * (ROOM - 13) + b"\xff")),
    "sections up to one that is none": (503, lambda: _module(b"\0\x01\0")[:-3] + b"\x7f\x01\0"),
    "sections and a line feed": (503, lambda: _module(b"\0\x01\0")[:-3] + b"\n"),
    "characters that were replaced": (503, lambda: PREAMBLE + "�".encode() * (ROOM // 3)),
    "zero bytes": (503, lambda: bytes(LARGEST)),
    "a preamble and zero bytes": (503, lambda: PREAMBLE + bytes(ROOM)),
    "text": (503, lambda: b"a\r\n" * (LARGEST // 3)),
    "brackets": (503, lambda: b"[" * LARGEST),
    "a certificate": (503, lambda: b"-----BEGIN CERTIFICATE-----\n" + b"A" * (LARGEST - 28)),
    "a manifest": (503, lambda: b"apiVersion: v1\n" + b"- &a [*a,*a]\n" * (LARGEST // 14)),
    "a gzip file": (503, lambda: b"\x1f\x8b\x08" + bytes(LARGEST - 3)),
}


def attack(scene: Scene) -> None:
    most, slowest = 0.0, 0.0
    good = Module.of(1, 100).write(scene.work / "good" / "good.wasm")
    for name, (status, content) in FILES.items():
        file = scene.work / "file" / "plugin.wasm"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content())
        begin = time.monotonic()
        with WasmServer(scene.binary, [good, file], "--max-module-size", str(LARGEST)) as server:
            seconds, memory = time.monotonic() - begin, kernel.peak_memory(server.pid)
            answer = http1.get(server.port, "/plugin.wasm.sha256")
            scene.require((answer and answer.status) == status, f"{name}: {answer and answer.status}, not {status}")
        scene.require(memory <= MOST_MEMORY, f"{name}: {memory:.0f} MB")
        scene.require(seconds <= MOST_SECONDS, f"{name}: ready after {seconds:.1f} s")
        most, slowest = max(most, memory), max(slowest, seconds)
    scene.tell(f"{len(FILES)} files of 32 MiB: at most {most:.0f} MB, ready within {slowest:.1f} s")


ROW = Row(71, "Millions of sections", "32 MiB: ≤ 80 MB in all, ready within 10 s", attack)
