# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 50, an address space that is limited to what the server has and 16 MB, while it runs."""

import resource
from pathlib import Path

from harness import scarcity, tls
from harness.hostile_peer import HostilePeer
from harness.module import Module
from harness.replicas import free_ports
from harness.scene import Row, Scene
from harness.server import WasmServer
from harness.sessions import HTTP1Session, SessionError
from harness.tls import Authority

PORT = free_ports(1)[0]
MORE = 16 << 20
MANY, SMALL, LARGE = 300, 100_000, 20_000_000
HANDSHAKES = 100
SMALLS = [Module.of(seed, SMALL) for seed in (311, 312)]
LARGES = [Module.of(seed, LARGE) for seed in (313, 314, 315)]
NOTHING_LEFT = "no memory left"


def _flags(_binary: Path, work: Path) -> list[str]:
    SMALLS[0].write(work / "modules" / "small.wasm")
    LARGES[0].write(work / "modules" / "large.wasm")
    return ["--peers", f"127.0.0.1:{PORT}", "--adopt-timeout", "0", "--retain", "5s", "--retain-memory", "96MiB"]


def attack(scene: Scene) -> None:
    folder, server, sought = scene.work / "modules", scene.server, LARGES[2]
    with HostilePeer(PORT, lambda: scarcity.document([sought], "kept"), [sought]):
        with scarcity.lowered(server, resource.RLIMIT_AS, scarcity.address_space(server) + MORE):
            scarcity.put(SMALLS[1], folder / "small.wasm")
            landed = scene.await_until(lambda: scarcity.announces(server, "/small.wasm", SMALLS[1]), scarcity.LANDED)
            scene.require(landed is not None, "what there is memory for is not taken over")
            scarcity.put(LARGES[1], folder / "large.wasm")
            scarcity.require_said(scene, server, "large.wasm", NOTHING_LEFT, "raise the memory limit")
            status = scarcity.search(server, sought)
            scene.require(status == 503, f"what cannot be fetched was answered with {status}")
            scarcity.require_said(scene, server, "peer", "no memory")
            for number in range(MANY):
                scarcity.put(Module.of(1000 + number, SMALL), folder / "many" / f"{number}.wasm")
            scarcity.require_said(scene, server, "/many/", NOTHING_LEFT)
            scarcity.crowd(scene, server)
            scene.require(server.is_running, "it ended")
            expected = {"/plugin.wasm": scene.module, "/small.wasm": SMALLS[1], "/large.wasm": LARGES[0]}
            wrong = [path for path, module in expected.items() if not scarcity.serves(server, path, module)]
            scene.require(not wrong, f"not served as before: {wrong}")
        landed = scene.await_until(lambda: scarcity.announces(server, "/large.wasm", LARGES[1]), scarcity.LANDED)
        whole = scene.await_until(lambda: scarcity.count(server, "/many/") == MANY, scarcity.LANDED)
        found = scene.await_until(lambda: scarcity.search(server, sought) == 200, scarcity.LANDED)
        scene.require(None not in (landed, whole, found), "it does not recover by itself")
    scene.tell(f"{MANY} modules more and one of 20 MB with 16 MB: recovered in {(landed or 0) + (whole or 0):.1f} s")
    modules = [Module.of(400 + number, SMALL * 20) for number in range(20)]
    scarcity.adopt(scene, free_ports(1)[0], modules, resource.RLIMIT_AS, MORE, 0, "no memory")
    _shake_hands(scene)
    scarcity.clear(scene)


def _shake_hands(scene: Scene) -> None:
    flags = tls.port_flags(scene.binary, scene.work)
    context = Authority.at(scene.work / "authority").trusts()
    with WasmServer(scene.binary, [scene.work / "modules" / "small.wasm"], *flags) as server:
        with scarcity.lowered(server, resource.RLIMIT_AS, scarcity.address_space(server) + MORE):
            ends, right = [], 0
            for _ in range(HANDSHAKES):
                try:
                    end = tls.connect(server.ports["tls"], context)
                    right += HTTP1Session(end).get("/small.wasm") == SMALLS[1].content
                    ends.append(end)
                except (OSError, SessionError):
                    pass
            for end in ends:
                end.close()
        scene.tell(f"{right}/{HANDSHAKES} fetches on connections of their own over TLS")
        scene.require(right == HANDSHAKES, f"only {right} of {HANDSHAKES} fetches over TLS were right")


ROW = Row(
    50, "Scarce memory", "16 MB left: serves on, says so, probes answer, recovers ≤ 5 s", attack, _flags,
    is_bystander_kept=True,
    most_memory=128.0,  # modules that are there at last: 30 MB of small ones, and of 20 MB each three
)  # fmt: skip
