# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 33, a few directories that link to each other: by their paths, there are a thousand times as many modules as files."""

import json
import os
import shutil

from harness import http1, kernel
from harness.module import Module
from harness.scene import Row, Scene
from harness.server import WasmServer

DIRECTORIES, FILES = 10, 40
SMALL = 1_000
MOST_MEMORY = 16.0
MOST_CPU = 0.05
NOTICED, RECOVERED, UPDATED = 10.0, 120.0, 5.0


def attack(scene: Scene) -> None:
    farm = scene.work / "modules" / "farm"
    idle = scene.server.cpu_share(5.0)
    before = kernel.memory(scene.server.pid)
    _plant(farm)
    noticed = scene.await_until(lambda: _rejected(scene) > 0, NOTICED)
    cpu = scene.server.cpu_share(30.0 if scene.quick else 60.0)
    grown = kernel.memory(scene.server.pid).anon - before.anon
    served = http1.get(scene.server.port, "/plugin.wasm")
    shutil.rmtree(farm)
    recovered = scene.await_until(lambda: _rejected(scene) == 0, RECOVERED)
    neighbour = _neighbour(scene)
    scene.tell(
        f"{DIRECTORIES * (FILES + DIRECTORIES - 1)} files and links: noticed in "
        f"{'never' if noticed is None else f'{noticed:.1f} s'}, {cpu - idle:.1%} CPU, {grown:+.1f} MB, "
        f"well {'never' if recovered is None else f'{recovered:.1f} s'} after; "
        f"a neighbour's change served in {'never' if neighbour is None else f'{neighbour:.1f} s'}"
    )
    scene.require(noticed is not None, "the farm is not reported")
    scene.require(cpu - idle <= MOST_CPU, f"{cpu - idle:.0%} of a core for looking at it")
    scene.require(grown <= MOST_MEMORY, f"{grown:.0f} MB for looking at it")
    scene.require(served is not None and scene.is_module(served.body), "what was good is not served on")
    scene.require(recovered is not None, "it is still reported when it is gone")
    scene.require(neighbour is not None, f"a change of another source is not served within {UPDATED:.0f} s")


def _neighbour(scene: Scene) -> float | None:
    """How long a change of another source takes to be served, in seconds, while the farm rests from being looked at."""
    old, new = Module.of(2, SMALL), Module.of(3, SMALL)
    farm, near = scene.work / "far" / "farm", scene.work / "near"
    old.write(near / "near.wasm")
    old.write(farm.parent / "far.wasm")
    with WasmServer(scene.binary, [farm.parent, near]) as server:
        _plant(farm)
        if scene.await_until(lambda: _rejected_by(server) > 0, NOTICED) is None:
            return None
        new.write(near / "new.wasm")
        os.replace(near / "new.wasm", near / "near.wasm")
        return scene.await_until(lambda: _digest(server, "/near.wasm") == new.digest, UPDATED)


def _digest(server: WasmServer, path: str) -> str | None:
    response = http1.get(server.port, path + ".sha256")
    return response.body.decode()[:64] if response else None


def _plant(farm) -> None:
    module = Module.of(2, SMALL)
    for number in range(DIRECTORIES):
        for name in range(FILES):
            module.write(farm / f"d{number}" / f"{name}.wasm")
        for other in range(DIRECTORIES):
            if other != number:
                os.symlink(f"../d{other}", farm / f"d{number}" / f"l{other}")


def _rejected(scene: Scene) -> int:
    return _rejected_by(scene.server)


def _rejected_by(server: WasmServer) -> int:
    response = http1.get(server.port, "/modules")
    return json.loads(response.body).get("rejectedCount", 0) if response else 0


ROW = Row(33, "Link farm", "≤ 5 % CPU, ≤ 16 MB; last good served, others updated ≤ 5 s", attack)
