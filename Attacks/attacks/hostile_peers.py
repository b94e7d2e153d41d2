# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 35, a hostile peer: modules that it invents are searched for by clients, to evict what gateways are configured with."""

import json
import signal
from pathlib import Path

from harness import http1
from harness.hostile_peer import HostilePeer
from harness.module import Module
from harness.replicas import free_ports
from harness.scene import Row, Scene

SIZE = 1_000_000  # a quarter of 8 MiB has room for two of them
INVENTED = 12
MEMORY = "8MiB"
PORT = free_ports(1)[0]
VERSIONS = [Module.of(seed, SIZE) for seed in (101, 102, 103)]


def _flags(_binary: Path, work: Path) -> list[str]:
    """Beside the bystander's module there is another from the start, which changes."""
    VERSIONS[0].write(work / "modules" / "other.wasm")
    return ["--peers", f"127.0.0.1:{PORT}", "--adopt-timeout", "0", "--retain-memory", MEMORY, "--retain", "20s"]


def _document(modules: list[Module]) -> bytes:
    """What it lists: each is kept, so that nothing but a search fetches it."""
    entries = [
        {"verdict": "admitted", "state": "kept", "sha256": module.digest, "size": len(module.content)} for module in modules
    ]
    return json.dumps({"instance": "hostile", "modules": entries}).encode()


def attack(scene: Scene) -> None:
    """What was served before is fetched by its digest after searches that are to displace it."""
    for module in VERSIONS:
        _serve(scene, module)
    former = VERSIONS[:-1]
    invented = [Module.of(200 + number, SIZE) for number in range(8 if scene.quick else INVENTED)]
    with HostilePeer(PORT, lambda: _document(invented), invented) as peer:
        found = [http1.get(scene.server.port, f"/sha256/{module.digest}.wasm") for module in invented]
        kept = [http1.get(scene.server.port, f"/sha256/{module.digest}.wasm") for module in former]
        statuses = [response.status if response else None for response in found]
        scene.require(set(statuses) == {200}, f"what the peer has was answered with {statuses}")
        scene.require(peer.fetches >= len(invented), f"the peer was asked for {peer.fetches} modules only")
    intact = [bool(response) and response.body == module.content for response, module in zip(kept, former)]
    scene.require(all(intact), f"what was served here before: {intact.count(False)} of {len(intact)} are gone")
    # Each holds a descriptor until its time is over.
    scene.require(scene.await_until(lambda: not _kept(scene), 60.0) is not None, "what was kept is kept for longer than asked")
    scene.tell(f"{len(invented)} invented modules of {SIZE / 1e6:.0f} MB fetched, what was served before is still there")


def _serve(scene: Scene, module: Module) -> None:
    """Has the server take over another version, so that the present one is kept."""
    file = scene.work / "modules" / "other.wasm"
    module.write(file.with_suffix(".new")).rename(file)
    scene.server.process.send_signal(signal.SIGHUP)
    announced = scene.await_until(lambda: _announced(scene) == module.digest, 20.0)
    scene.require(announced is not None, "a version was not taken over")


def _announced(scene: Scene) -> str | None:
    response = http1.get(scene.server.port, "/other.wasm.sha256")
    return response.body.decode().strip() if response else None


def _kept(scene: Scene) -> list[dict]:
    modules = json.loads(http1.get(scene.server.port, "/modules").body)["modules"]
    return [entry for entry in modules if entry["state"] == "kept"]


ROW = Row(35, "Peer that evicts", "what was served here stays, whatever is searched for", attack, _flags)
