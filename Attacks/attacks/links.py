# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 15, links that lead out of a source, and a mounted ConfigMap whose `..data` is swapped."""

import json
import os
import time

from harness import http1
from harness.configmap import ConfigMap
from harness.errors import AttackError
from harness.module import Module
from harness.repeating import Repeating
from harness.scene import Row, Scene
from harness.server import WasmServer

NAME = "plugin.wasm"
INTERVAL = 0.01
SMALL = 50_000
STARTS = 20


def attack(scene: Scene) -> None:
    _escapes(scene)
    _swap_while_serving(scene, 5.0 if scene.quick else 60.0)
    _swap_while_starting(scene, 5 if scene.quick else STARTS)


def _escapes(scene: Scene) -> None:
    """Each link that leads out is refused and named; the module beside it is served."""
    root, outside = scene.work / "escape", scene.work / "outside"
    scene.module.write(root / "plugin.wasm")
    Module.of(2, SMALL).write(outside / "secret.wasm")
    os.symlink("/etc/passwd", root / "passwd.wasm")
    os.symlink(outside / "secret.wasm", root / "absolute.wasm")
    os.symlink("../outside/secret.wasm", root / "relative.wasm")
    os.symlink(outside, root / "folder")
    os.symlink("folder/secret.wasm", root / "chained.wasm")
    os.symlink("/proc/self/exe", root / "exe.wasm")
    os.symlink("loop.wasm", root / "loop.wasm")
    os.symlink(".", root / "self")
    os.symlink("plugin.wasm", root / "inside.wasm")
    os.mkfifo(root / "pipe.wasm")
    os.symlink("/dev/zero", root / "zero.wasm")
    with WasmServer(scene.binary, [root]) as server:
        document = json.loads(http1.get(server.port, "/modules").body)
        admitted = {entry["path"] for entry in document["modules"] if entry["verdict"] == "admitted"}
        scene.require(admitted == {"/plugin.wasm", "/inside.wasm"}, f"served beside links: {sorted(admitted)}")
        statuses = {}
        for link in ("passwd", "absolute", "relative", "folder/secret", "chained", "exe", "loop", "pipe", "zero"):
            response = http1.get(server.port, f"/{link}.wasm")
            statuses[link] = response.status if response else None
        scene.require(set(statuses.values()) <= {404, 503}, f"escapes: {statuses}")
        scene.tell(f"{len(statuses)} links and odd files: statuses {sorted(set(statuses.values()))}")


def _swap_while_serving(scene: Scene, seconds: float) -> None:
    """Whichever version a download gets, it is one of the two, whole."""
    other = Module.of(2)
    mount = ConfigMap(scene.work / "serving", {NAME: scene.module}, {NAME: other})
    with WasmServer(scene.binary, [mount.root]) as server, Repeating(mount.swap, INTERVAL):
        begin, count = time.monotonic(), 0
        while time.monotonic() - begin < seconds:
            response = http1.get(server.port, "/plugin.wasm")
            count += 1
            is_whole = response is not None and response.body in (scene.module.content, other.content)
            if not scene.require(is_whole, "a mix was served"):
                return
            time.sleep(0.1)
    scene.tell(f"{count} downloads during {mount.swaps} swaps")


def _swap_while_starting(scene: Scene, starts: int) -> None:
    """Whichever version the server saw, it is one of the two, whole, and what it announces can be fetched; or it refused to start."""
    modules = [Module.of(2), Module.of(3)]
    seen = []
    refused = 0
    mount = ConfigMap(scene.work / "starting", *({NAME: module} for module in modules))
    with Repeating(mount.swap, INTERVAL):
        for _ in range(starts):
            try:
                with WasmServer(scene.binary, [mount.root]) as server:
                    body = http1.get(server.port, "/plugin.wasm").body
                    # By now it may have followed another swap.
                    announced = http1.get(server.port, "/plugin.wasm.sha256").body.decode().strip()
                    by_digest = http1.get(server.port, f"/sha256/{announced}.wasm").body
            except AttackError:
                refused += 1
                continue
            versions = {module.digest: module.content for module in modules}
            seen.append(body in versions.values() and by_digest == versions.get(announced))
    scene.tell(f"{starts} starts during {mount.swaps} swaps, {sum(seen)} with one version whole, {refused} refused")
    scene.require(bool(seen) and all(seen), "a start during a swap served a mix, or announced what it does not serve")


ROW = Row(15, "Links and swaps", "escapes refused; never a mix", attack)
