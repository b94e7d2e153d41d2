# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 39, files whose times no person has lived in, as any file system may give them."""

import hashlib

from harness import http1
from harness.module import Module
from harness.scene import Row, Scene
from harness.server import WasmServer
from harness.volume import File, Volume

SMALL = 50_000
TAKEN = 10.0
YEAR = 31_556_952
TIMES = {
    "1717": -253 * YEAR, "1600": -370 * YEAR, "the first": -(1 << 63), "1969": -1, "2263": 293 * YEAR,
    "9999": 8029 * YEAR, "the last": (1 << 63) - 1,
}  # fmt: skip


def attack(scene: Scene) -> None:
    held = []
    for name, time in TIMES.items():
        modules = [Module.of(2, SMALL), Module.of(3, SMALL)]
        with Volume(scene.work / name.replace(" ", "-"), {"plugin.wasm": File(modules[0].content, time)}) as volume:
            with WasmServer(scene.binary, [volume.root]) as server:
                _require_served(scene, server, name, modules[0])
                volume.put("plugin.wasm", File(modules[1].content, time))
                taken = scene.await_until(lambda: _digest(server) == modules[1].digest, TAKEN)
                _require_served(scene, server, name, modules[1])
                is_held = scene.require(taken is not None and server.is_running, f"{name}: a change is not taken")
                held += [name] if is_held else []
    scene.tell(f"{len(held)} of {len(TIMES)} times: {', '.join(held)}")


def _require_served(scene: Scene, server: WasmServer, name: str, module: Module) -> None:
    for path in ("/plugin.wasm", f"/sha256/{module.digest}.wasm"):
        response = http1.get(server.port, path)
        digest = hashlib.sha256(response.body).hexdigest() if response else ""
        scene.require(digest == module.digest, f"{name}: {path} is not served")


def _digest(server: WasmServer) -> str:
    response = http1.get(server.port, "/plugin.wasm.sha256")
    return response.body.decode().strip() if response else ""


ROW = Row(39, "File times", "served, and changes taken, at any time", attack)
