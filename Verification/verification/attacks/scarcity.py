# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A server that the system gives less and less while it runs: what it says, serves, finds at a peer, and takes over afterwards."""

import threading
from contextlib import suppress

from verification.attacks.fixture import AttackFixture
from verification.attacks.hostile_peer import HostilePeer
from verification.clients import http1, sockets
from verification.fixture import Fixture
from verification.server import kernel
from verification.server.process import WasmServer, free_ports
from verification.sources.module import Module, peer_listing

CONNECTIONS = 200
PROBES = 5
LANDED = 5.0  # seconds from the end of scarcity, as from any change
SAID = 20.0
CLEARED = 60.0


def search(server: WasmServer, module: Module) -> int | None:
    """The status that a digest is answered with; none if it was another module."""
    response = server.by_digest(module.digest)
    is_right = response is not None and (response.status != 200 or response.body == module.content)
    return response.status if is_right else None


def require_said(fixture: Fixture, server: WasmServer, *words: str) -> None:
    fixture.await_until(lambda: server.has_said(*words), SAID, f"the log does not say: {', '.join(words)}")


def require_recovery(fixture: AttackFixture, path: str, module: Module, count: int, sought: Module) -> str:
    """A change is taken over, the many modules are, and what a peer has is found; tells how long it took."""
    server = fixture.server
    conditions = [
        lambda: server.announced(path) == module.digest,
        lambda: sum(each["path"].startswith("/many/") for each in server.modules()) == count,
        lambda: search(server, sought) == 200,
    ]
    landed, whole, found = (fixture.await_until(condition, LANDED) for condition in conditions)
    fixture.require(None not in (landed, whole, found), "it does not recover by itself")
    return f"recovered in {(landed or 0) + (whole or 0):.1f} s"


def crowd(fixture: AttackFixture) -> None:
    """More connections than there may be; probes are answered all the same."""
    held = []
    with suppress(OSError):
        while len(held) < CONNECTIONS:
            held.append(sockets.connect(fixture.port))
    operations = fixture.server.ports["operations"]
    alive = sum(http1.succeeds(operations, path) for path in ("/livez", "/readyz") for _ in range(PROBES))
    sockets.close_all(held)
    fixture.report(f"{len(held)} connections: {alive}/{2 * PROBES} probes answered")
    fixture.require(alive == 2 * PROBES, f"only {alive} of {2 * PROBES} probes were answered")


def adopt(fixture: AttackFixture, modules: list[Module], kind: int, more: int | None, most: int, *words: str) -> None:
    """Starts a server whose limit is lowered before its peer answers.

    The limit is so much `more` than it has, or the `most` itself. It gets ready, and says what it could not take over.
    """
    begun, port = threading.Event(), free_ports(1)[0]
    source = Module.of(1).write(fixture.work / "adopting" / "plugin.wasm").parent

    def listed() -> bytes:
        begun.wait(SAID)
        return peer_listing(modules, "current")

    with HostilePeer(port, modules, listed) as peer:
        server = WasmServer(fixture.binary, [source], "--peers", f"127.0.0.1:{port}", "--adopt-timeout", "10s")
        try:
            fixture.await_until(lambda: peer.lists > 0, SAID)
            with kernel.lowered(server.pid, kind, kernel.address_space(server.pid) + more if more else most):
                begun.set()
                server.await_ready()
                taken = search(server, modules[0]) == 200
                require_said(fixture, server, *words)
                fixture.require(server.is_running, "it ended while it adopted")
                fixture.require(server.serves("/plugin.wasm", Module.of(1).content), "it does not serve what it has")
            fixture.report(f"adoption: {taken:d} of the first")
            missing = "what could not be taken over is not found afterwards"
            fixture.await_until(lambda: all(search(server, module) == 200 for module in modules), SAID, missing)
        finally:
            server.kill()


def clear(fixture: AttackFixture) -> None:
    """Takes away what was put beside the first module: each holds a descriptor, until it is not even kept any more."""
    for file in fixture.modules.rglob("*.wasm"):
        if file.name != "plugin.wasm":
            file.unlink()
    server = fixture.server
    late = "what is gone is kept for longer than asked"
    fixture.await_until(lambda: len(server.modules()) == 1 and not server.modules("kept"), CLEARED, late)
