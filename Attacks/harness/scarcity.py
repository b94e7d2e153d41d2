# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A server that the system gives less and less while it runs: what it says, serves, finds at a peer, and takes over afterwards."""

import json
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness import http1, probes, sockets
from harness.hostile_peer import HostilePeer
from harness.module import Module
from harness.scene import Scene
from harness.server import WasmServer

CONNECTIONS = 200
PROBES = 5
LANDED = 5.0  # seconds from the end of scarcity, as from any change
SAID = 20.0


@contextmanager
def lowered(server: WasmServer, kind: int, most: int) -> Iterator[None]:
    """Lowers a limit of a process that runs, for a while."""
    before = resource.prlimit(server.pid, kind)
    resource.prlimit(server.pid, kind, (most, before[1]))
    yield
    if server.is_running:
        resource.prlimit(server.pid, kind, before)


def address_space(server: WasmServer) -> int:
    for line in Path(f"/proc/{server.pid}/status").read_text().splitlines():
        if line.startswith("VmSize:"):
            return int(line.split()[1]) << 10
    return 0


def put(module: Module, file: Path) -> None:
    module.write(file.with_suffix(".new")).rename(file)


def announces(server: WasmServer, path: str, module: Module) -> bool:
    response = http1.get(server.port, f"{path}.sha256")
    return response is not None and response.body.decode().strip() == module.digest


def serves(server: WasmServer, path: str, module: Module) -> bool:
    response = http1.get(server.port, path)
    return response is not None and response.status == 200 and response.body == module.content


def search(server: WasmServer, module: Module) -> int | None:
    """The status that a digest is answered with; none if it was another module."""
    response = http1.get(server.port, f"/sha256/{module.digest}.wasm")
    is_right = response is not None and (response.status != 200 or response.body == module.content)
    return response.status if is_right else None


def has_said(server: WasmServer, *words: str) -> bool:
    """Whether one line of the log has all of these words."""
    return any(all(word in json.dumps(event) for word in words) for event in list(server.events))


def require_said(scene: Scene, server: WasmServer, *words: str) -> None:
    said = scene.await_until(lambda: has_said(server, *words), SAID)
    scene.require(said is not None, f"the log does not say: {', '.join(words)}")


def count(server: WasmServer, prefix: str) -> int:
    """How many modules are served below a path."""
    response = http1.get(server.port, "/modules")
    modules = json.loads(response.body)["modules"] if response else []
    return sum(module["state"] == "current" and module["path"].startswith(prefix) for module in modules if "state" in module)


def crowd(scene: Scene, server: WasmServer) -> None:
    """More connections than there may be; probes are answered all the same."""
    held = []
    for _ in range(CONNECTIONS):
        try:
            held.append(sockets.connect(server.port))
        except OSError:
            break
    alive = sum(probes.succeeds(server.ports["operations"], path) for path in ("/livez", "/readyz") for _ in range(PROBES))
    for end in held:
        end.close()
    scene.tell(f"{len(held)} connections: {alive}/{2 * PROBES} probes answered")
    scene.require(alive == 2 * PROBES, f"only {alive} of {2 * PROBES} probes were answered")


def document(modules: list[Module], state: str) -> bytes:
    """What a peer lists; of what is `kept` there nothing is taken over but what is searched for."""
    entries = [
        {"verdict": "admitted", "state": state, "sha256": module.digest, "size": len(module.content)} for module in modules
    ]
    return json.dumps({"instance": "peer", "modules": entries}).encode()


def adopt(scene: Scene, port: int, modules: list[Module], kind: int, more: int | None, most: int, *words: str) -> None:
    """Starts a server whose limit is lowered before its peer answers.

    The limit is so much `more` than it has, or the `most` itself. It gets ready, and says what it could not take over.
    """
    begun = threading.Event()
    source = Module.of(1).write(scene.work / "adopting" / "plugin.wasm").parent

    def listed() -> bytes:
        begun.wait(SAID)
        return document(modules, "current")

    with HostilePeer(port, listed, modules) as peer:
        server = WasmServer(scene.binary, [source], "--peers", f"127.0.0.1:{port}", "--adopt-timeout", "10s")
        try:
            scene.await_until(lambda: peer.lists > 0, SAID)
            with lowered(server, kind, address_space(server) + more if more else most):
                begun.set()
                server.await_ready()
                taken = sum(search(server, module) == 200 for module in modules[:1])
                require_said(scene, server, *words)
                scene.require(server.is_running, "it ended while it adopted")
                scene.require(serves(server, "/plugin.wasm", Module.of(1)), "it does not serve what it has")
            scene.tell(f"adoption: {taken} of the first")
            found = scene.await_until(lambda: all(search(server, module) == 200 for module in modules), 20.0)
            scene.require(found is not None, "what could not be taken over is not found afterwards")
        finally:
            server.kill()


def kept(server: WasmServer) -> int:
    """How many modules are kept that are not served by name any more."""
    response = http1.get(server.port, "/modules")
    modules = json.loads(response.body)["modules"] if response else []
    return sum(module.get("state") == "kept" for module in modules)


def clear(scene: Scene) -> None:
    """Takes away what was put beside the first module: each holds a descriptor, until it is not even kept any more."""
    for file in (scene.work / "modules").rglob("*.wasm"):
        if file.name != "plugin.wasm":
            file.unlink()
    gone = scene.await_until(lambda: count(scene.server, "/") == 1 and not kept(scene.server), 60.0)
    scene.require(gone is not None, "what is gone is kept for longer than asked")
