# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Rows 11, 49 and 50: too few descriptors for the connections that come, or for modules, and too little memory."""

import resource
import time
from pathlib import Path

from verification.attacks import scarcity
from verification.attacks.fixture import AttackFixture, row
from verification.attacks.hostile_peer import HostilePeer, peer_flags
from verification.clients import http1, sockets, tls
from verification.clients.sessions import HTTP1Session, SessionError
from verification.clients.tls import Authority
from verification.fixture import in_seconds
from verification.programs import VerificationError
from verification.server import kernel
from verification.server.process import WasmServer, free_ports
from verification.sources.module import Module, put_many

PORT = free_ports(1)[0]
CONNECTIONS, PROBES = 1000, 5
MOST_CPU, RECOVERY = 0.05, 2.0
MOST_FILES = 64
MORE_MEMORY = 16 << 20
MANY, TINY, SMALL, LARGE = 300, 2_000, 100_000, 20_000_000
HANDSHAKES = 100
EXIT_SYSTEM = 71
MOST_MEMORY = 128.0  # modules that are there at last: 30 MB of small ones, and of 20 MB each three
BEFORE, AFTER, SOUGHT = (Module.of(seed, TINY) for seed in (301, 302, 303))
SMALLS = [Module.of(seed, SMALL) for seed in (311, 312)]
LARGES = [Module.of(seed, LARGE) for seed in (313, 314, 315)]
REMEDY, NOTHING_LEFT = "ulimit -n", "no memory left"


@row(11, "Descriptor exhaustion", "no exit, < 5 % CPU, probes answer, recovers ≤ 2 s", open_files=256, is_bystander_kept=True)
def exhaust(fixture: AttackFixture) -> None:
    """More connections than the server has descriptors for."""
    held = sockets.several(CONNECTIONS, lambda: sockets.connect(fixture.port))
    if not held:
        raise VerificationError("not one connection could be made")
    time.sleep(1.0)
    cpu = fixture.server.cpu_share(3.0 if fixture.quick else 8.0)
    alive = sum(http1.succeeds(fixture.server.ports["operations"], "/livez") for _ in range(PROBES))
    sockets.close_all(held)
    recovered = fixture.await_until(lambda: fixture.server.get("/health") is not None, 10.0)
    fixture.report(f"{len(held)} connections, {cpu:.1%} CPU, /livez {alive}/{PROBES}, recovered in {in_seconds(recovered)}")
    fixture.require(cpu < MOST_CPU, f"{cpu:.0%} CPU while the connections are held")
    fixture.require(alive == PROBES, f"/livez answered {alive} of {PROBES} times")
    fixture.require(recovered is not None and recovered <= RECOVERY, "not recovered in 2 s")


def descriptor_flags(work: Path) -> list[str]:
    BEFORE.write(work / "modules" / "small.wasm")
    return peer_flags(PORT, "--retain", "5s")


@row(
    49,
    "Scarce descriptors",
    "64: serves on, says so, probes answer, recovers ≤ 5 s",
    flags=descriptor_flags,
    is_bystander_kept=True,
)
def lack_descriptors(fixture: AttackFixture) -> None:
    """A limit of open files that is lowered to 64 while the server runs, and one of 64 from the start."""
    server = fixture.server
    with HostilePeer(PORT, [SOUGHT]):
        with kernel.lowered(server.pid, resource.RLIMIT_NOFILE, MOST_FILES):
            put_many(fixture.modules / "many", MANY, TINY, 1000)
            scarcity.require_said(fixture, server, "rejected", "descriptor left", REMEDY)
            scarcity.crowd(fixture)
            scarcity.require_said(fixture, server, "accepting paused", REMEDY)
            status = scarcity.search(server, SOUGHT)
            fixture.require(status in (200, 503), f"what a peer has was answered with {status}")
            AFTER.replace(fixture.modules / "small.wasm")
            for path, modules in (("/plugin.wasm", [fixture.module]), ("/small.wasm", [BEFORE, AFTER])):
                is_right = any(server.serves(path, module.content) for module in modules)
                fixture.require(is_right, f"{path} is not served as before")
        recovered = scarcity.require_recovery(fixture, "/small.wasm", AFTER, MANY, SOUGHT)
    fixture.report(f"{MANY} modules more with {MOST_FILES} descriptors: {recovered}")
    modules = [Module.of(400 + number, TINY) for number in range(MOST_FILES)]
    scarcity.adopt(fixture, modules, resource.RLIMIT_NOFILE, None, MOST_FILES, "open files")
    _start_with_few(fixture)
    scarcity.clear(fixture)


def _start_with_few(fixture: AttackFixture) -> None:
    """So few from the start are too few, which it says before it serves anything."""
    server = WasmServer(fixture.binary, [fixture.modules / "small.wasm"], open_files=MOST_FILES)
    code = server.process.wait(20.0)
    fixture.await_until(lambda: bool(server.events), 5.0)
    fixture.require(code == EXIT_SYSTEM, f"with {MOST_FILES} from the start it ended with {code}")
    fixture.require(server.has_said("limit of open files", REMEDY), "it does not say that they are too few")


def memory_flags(work: Path) -> list[str]:
    SMALLS[0].write(work / "modules" / "small.wasm")
    LARGES[0].write(work / "modules" / "large.wasm")
    return peer_flags(PORT, "--retain", "5s", "--retain-memory", "96MiB")


@row(
    50,
    "Scarce memory",
    "16 MB left: serves on, says so, probes answer, recovers ≤ 5 s",
    flags=memory_flags,
    is_bystander_kept=True,
    most_memory=MOST_MEMORY,
)
def lack_memory(fixture: AttackFixture) -> None:
    """An address space that is limited to what the server has and 16 MB, while it runs."""
    folder, server, sought = fixture.modules, fixture.server, LARGES[2]
    with HostilePeer(PORT, [sought]):
        with kernel.lowered(server.pid, resource.RLIMIT_AS, kernel.address_space(server.pid) + MORE_MEMORY):
            SMALLS[1].replace(folder / "small.wasm")
            late = "what there is memory for is not taken over"
            fixture.await_announced(server, "/small.wasm", SMALLS[1], scarcity.LANDED, late)
            LARGES[1].replace(folder / "large.wasm")
            scarcity.require_said(fixture, server, "large.wasm", NOTHING_LEFT, "raise the memory limit")
            status = scarcity.search(server, sought)
            fixture.require(status == 503, f"what cannot be fetched was answered with {status}")
            scarcity.require_said(fixture, server, "peer", "no memory")
            put_many(folder / "many", MANY, SMALL, 1000)
            scarcity.require_said(fixture, server, "/many/", NOTHING_LEFT)
            scarcity.crowd(fixture)
            fixture.require(server.is_running, "it ended")
            expected = {"/plugin.wasm": fixture.module, "/small.wasm": SMALLS[1], "/large.wasm": LARGES[0]}
            wrong = [path for path, module in expected.items() if not server.serves(path, module.content)]
            fixture.require(not wrong, f"not served as before: {wrong}")
        recovered = scarcity.require_recovery(fixture, "/large.wasm", LARGES[1], MANY, sought)
    fixture.report(f"{MANY} modules more and one of 20 MB with 16 MB: {recovered}")
    modules = [Module.of(400 + number, SMALL * 20) for number in range(20)]
    scarcity.adopt(fixture, modules, resource.RLIMIT_AS, MORE_MEMORY, 0, "no memory")
    _shake_hands(fixture)
    scarcity.clear(fixture)


def _shake_hands(fixture: AttackFixture) -> None:
    flags, small = tls.port_flags(fixture.work), fixture.modules / "small.wasm"
    context = Authority.at(fixture.work / "authority").trusts()
    with WasmServer(fixture.binary, [small], *flags) as server:
        with kernel.lowered(server.pid, resource.RLIMIT_AS, kernel.address_space(server.pid) + MORE_MEMORY):
            ends, right = [], 0
            for _ in range(HANDSHAKES):
                try:
                    end = tls.connect(server.ports["tls"], context)
                    right += HTTP1Session(end).get("/small.wasm") == SMALLS[1].content
                    ends.append(end)
                except (OSError, SessionError):
                    pass
            sockets.close_all(ends)
        fixture.report(f"{right}/{HANDSHAKES} fetches on connections of their own over TLS")
        fixture.require(right == HANDSHAKES, f"only {right} of {HANDSHAKES} fetches over TLS were right")
