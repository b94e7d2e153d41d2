# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 49, a limit of open files that is lowered to 64 while the server runs, and one of 64 from the start."""

import resource
from pathlib import Path

from harness import scarcity
from harness.hostile_peer import HostilePeer
from harness.module import Module
from harness.replicas import free_ports
from harness.scene import Row, Scene
from harness.server import WasmServer

PORT = free_ports(1)[0]
MOST = 64
MANY, SMALL = 300, 2_000
EXIT_SYSTEM = 71
BEFORE, AFTER, SOUGHT = Module.of(301, SMALL), Module.of(302, SMALL), Module.of(303, SMALL)
REMEDY = "ulimit -n"


def _flags(_binary: Path, work: Path) -> list[str]:
    BEFORE.write(work / "modules" / "small.wasm")
    return ["--peers", f"127.0.0.1:{PORT}", "--adopt-timeout", "0", "--retain", "5s"]


def attack(scene: Scene) -> None:
    folder, server = scene.work / "modules", scene.server
    with HostilePeer(PORT, lambda: scarcity.document([SOUGHT], "kept"), [SOUGHT]):
        with scarcity.lowered(server, resource.RLIMIT_NOFILE, MOST):
            for number in range(MANY):
                scarcity.put(Module.of(1000 + number, SMALL), folder / "many" / f"{number}.wasm")
            scarcity.require_said(scene, server, "rejected", "descriptor left", REMEDY)
            scarcity.crowd(scene, server)
            scarcity.require_said(scene, server, "accepting paused", REMEDY)
            status = scarcity.search(server, SOUGHT)
            scene.require(status in (200, 503), f"what a peer has was answered with {status}")
            scarcity.put(AFTER, folder / "small.wasm")
            for path, modules in (("/plugin.wasm", [scene.module]), ("/small.wasm", [BEFORE, AFTER])):
                is_right = any(scarcity.serves(server, path, module) for module in modules)
                scene.require(is_right, f"{path} is not served as before")
        landed = scene.await_until(lambda: scarcity.announces(server, "/small.wasm", AFTER), scarcity.LANDED)
        whole = scene.await_until(lambda: scarcity.count(server, "/many/") == MANY, scarcity.LANDED)
        found = scene.await_until(lambda: scarcity.search(server, SOUGHT) == 200, scarcity.LANDED)
        scene.require(None not in (landed, whole, found), "it does not recover by itself")
    scene.tell(f"{MANY} modules more with {MOST} descriptors: recovered in {(landed or 0) + (whole or 0):.1f} s")
    modules = [Module.of(400 + number, SMALL) for number in range(MOST)]
    scarcity.adopt(scene, free_ports(1)[0], modules, resource.RLIMIT_NOFILE, None, MOST, "open files")
    _start(scene)
    scarcity.clear(scene)


def _start(scene: Scene) -> None:
    """So few from the start are too few, which it says before it serves anything."""
    server = WasmServer(scene.binary, [scene.work / "modules" / "small.wasm"], open_files=MOST)
    code = server.process.wait(20.0)
    scene.await_until(lambda: bool(server.events), 5.0)
    scene.require(code == EXIT_SYSTEM, f"with {MOST} from the start it ended with {code}")
    scene.require(scarcity.has_said(server, "limit of open files", REMEDY), "it does not say that they are too few")


ROW = Row(
    49, "Scarce descriptors", "64: serves on, says so, probes answer, recovers ≤ 5 s", attack, _flags,
    is_bystander_kept=True,
)  # fmt: skip
