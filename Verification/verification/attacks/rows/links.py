# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Rows 15 and 33, links: out of a source, to a mounted ConfigMap that is swapped, and of directories to each other."""

import os
import shutil
import time
from pathlib import Path

from verification.attacks.fixture import AttackFixture, row
from verification.fixture import in_seconds
from verification.programs import VerificationError
from verification.server.process import WasmServer
from verification.sources.module import Module
from verification.sources.mounts import ConfigMap
from verification.threads import PeriodicThread

NAME = "plugin.wasm"
INTERVAL = 0.01
SMALL = 50_000
STARTS = 20
ESCAPES = ("passwd", "absolute", "relative", "folder/secret", "chained", "exe", "loop", "pipe", "zero")

DIRECTORIES, FILES = 10, 40
TINY = 1_000
MOST_MEMORY = 16.0
MOST_CPU = 0.05
NOTICED, RECOVERED, UPDATED = 10.0, 120.0, 5.0


@row(15, "Links and swaps", "escapes refused; never a mix")
def lead_out(fixture: AttackFixture) -> None:
    _escape(fixture)
    _swap_while_serving(fixture, 5.0 if fixture.quick else 60.0)
    _swap_while_starting(fixture, 5 if fixture.quick else STARTS)


def _escape(fixture: AttackFixture) -> None:
    """Each link that leads out is refused and named; the module beside it is served."""
    root, outside = fixture.work / "escape", fixture.work / "outside"
    fixture.module.write(root / "plugin.wasm")
    Module.of(2, SMALL).write(outside / "secret.wasm")
    for target, link in {
        "/etc/passwd": "passwd.wasm",
        outside / "secret.wasm": "absolute.wasm",
        "../outside/secret.wasm": "relative.wasm",
        outside: "folder",
        "folder/secret.wasm": "chained.wasm",
        "/proc/self/exe": "exe.wasm",
        "loop.wasm": "loop.wasm",
        ".": "self",
        "plugin.wasm": "inside.wasm",
        "/dev/zero": "zero.wasm",
    }.items():
        os.symlink(target, root / link)
    os.mkfifo(root / "pipe.wasm")
    with WasmServer(fixture.binary, [root]) as server:
        admitted = {entry["path"] for entry in server.listing()["modules"] if entry["verdict"] == "admitted"}
        fixture.require(admitted == {"/plugin.wasm", "/inside.wasm"}, f"served beside links: {sorted(admitted)}")
        statuses = {link: server.status(f"/{link}.wasm") for link in ESCAPES}
        fixture.require(set(statuses.values()) <= {404, 503}, f"escapes: {statuses}")
        fixture.report(f"{len(statuses)} links and odd files: statuses {sorted(set(statuses.values()))}")


def _swap_while_serving(fixture: AttackFixture, seconds: float) -> None:
    """Whichever version a download gets, it is one of the two, whole."""
    other = Module.of(2)
    mount = ConfigMap(fixture.work / "serving", {NAME: fixture.module}, {NAME: other})
    with WasmServer(fixture.binary, [mount.root]) as server, PeriodicThread(mount.swap, INTERVAL):
        begin, count = time.monotonic(), 0
        while time.monotonic() - begin < seconds:
            response = server.get("/plugin.wasm")
            count += 1
            is_whole = response is not None and response.body in (fixture.module.content, other.content)
            if not fixture.require(is_whole, "a mix was served"):
                return
            time.sleep(0.1)
    fixture.report(f"{count} downloads during {mount.swaps} swaps")


def _swap_while_starting(fixture: AttackFixture, starts: int) -> None:
    """Whichever version the server saw, it is whole, and what it announces can be fetched; or it refused to start."""
    versions = {module.digest: module.content for module in (Module.of(2), Module.of(3))}
    seen = []
    refused = 0
    mount = ConfigMap(fixture.work / "starting", *({NAME: Module.made(content)} for content in versions.values()))
    with PeriodicThread(mount.swap, INTERVAL):
        for _ in range(starts):
            try:
                with WasmServer(fixture.binary, [mount.root]) as server:
                    body = server.get("/plugin.wasm").body
                    announced = server.announced()  # by now it may have followed another swap
                    by_digest = server.by_digest(announced).body
            except VerificationError:
                refused += 1
                continue
            seen.append(body in versions.values() and by_digest == versions.get(announced))
    fixture.report(f"{starts} starts during {mount.swaps} swaps, {sum(seen)} with one version whole, {refused} refused")
    fixture.require(bool(seen) and all(seen), "a start during a swap served a mix, or announced what it does not serve")


@row(33, "Link farm", "≤ 5 % CPU, ≤ 16 MB; last good served, others updated ≤ 5 s")
def link_directories(fixture: AttackFixture) -> None:
    """By their paths, there are a thousand times as many modules as files."""
    farm, server = fixture.modules / "farm", fixture.server
    idle = server.cpu_share(5.0)
    before = fixture.anon()
    _plant(farm)
    noticed = fixture.await_until(lambda: server.rejected > 0, NOTICED, "the farm is not reported")
    cpu = server.cpu_share(30.0 if fixture.quick else 60.0) - idle
    grown = fixture.anon() - before
    is_served = server.serves("/plugin.wasm", fixture.module.content)
    shutil.rmtree(farm)
    recovered = fixture.await_until(lambda: server.rejected == 0, RECOVERED, "it is still reported when it is gone")
    neighbour = _neighbour(fixture)
    fixture.report(
        f"{DIRECTORIES * (FILES + DIRECTORIES - 1)} files and links: noticed in {in_seconds(noticed)}, {cpu:.1%} CPU, "
        f"{grown:+.1f} MB, well {in_seconds(recovered)} after; a neighbour's change served in {in_seconds(neighbour)}"
    )
    fixture.require(cpu <= MOST_CPU, f"{cpu:.0%} of a core for looking at it")
    fixture.require(grown <= MOST_MEMORY, f"{grown:.0f} MB for looking at it")
    fixture.require(is_served, "what was good is not served on")
    fixture.require(neighbour is not None, f"a change of another source is not served within {UPDATED:.0f} s")


def _neighbour(fixture: AttackFixture) -> float | None:
    """How long a change of another source takes to be served, in seconds, while the farm rests from being looked at."""
    old, new = Module.of(2, TINY), Module.of(3, TINY)
    farm, near = fixture.work / "far" / "farm", fixture.work / "near"
    old.write(near / "near.wasm")
    old.write(farm.parent / "far.wasm")
    with WasmServer(fixture.binary, [farm.parent, near]) as server:
        _plant(farm)
        if fixture.await_until(lambda: server.rejected > 0, NOTICED) is None:
            return None
        new.replace(near / "near.wasm")
        return fixture.await_announced(server, "/near.wasm", new, UPDATED)


def _plant(farm: Path) -> None:
    module = Module.of(2, TINY)
    for number in range(DIRECTORIES):
        for name in range(FILES):
            module.write(farm / f"d{number}" / f"{name}.wasm")
        for other in range(DIRECTORIES):
            if other != number:
                os.symlink(f"../d{other}", farm / f"d{number}" / f"l{other}")
