# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 37, a volume that does not answer any more, beside one that does."""

import signal
import time

from verification.attacks.fixture import AttackFixture, row
from verification.clients.tls import Authority, Pair, connect
from verification.fixture import in_seconds
from verification.server.process import WasmServer
from verification.sources.module import Module
from verification.sources.volume import File, Volume

SMALL = 50_000
UPDATED, TOLD, RECOVERED, ENDED = 5.0, 20.0, 10.0, 15.0
ASKED = 50
METRIC = "wasm_server_source_last_check_timestamp_seconds"


@row(37, "Hanging source", "others updated ≤ 5 s; told, of TLS files too; last good served")
def attack(fixture: AttackFixture) -> None:
    old, new = Module.of(2, SMALL), Module.of(3, SMALL)
    local = fixture.work / "local"
    old.write(local / "local.wasm")
    with Volume(fixture.work / "volume", {"remote.wasm": File(old.content)}) as volume:
        with WasmServer(fixture.binary, [volume.root, local]) as server:
            _hang(volume)
            for _ in range(ASKED):
                server.reload()
            new.replace(local / "local.wasm")
            late = f"another source is not updated in {UPDATED:.0f} s"
            updated = fixture.await_announced(server, "/local.wasm", new, UPDATED, late)
            told = _await_told(fixture, server, "source-checks", "/readyz?verbose does not say it")
            checked = server.metrics().get(f'{METRIC}{{source="{volume.root}"}}')
            age = time.time() - checked if checked else 0.0
            remote = server.announced("/remote.wasm")
            volume.put("remote.wasm", File(new.content))
            waiting = volume.waiting
            volume.recover()
            late = "it is not up to date once it answers again"
            recovered = fixture.await_announced(server, "/remote.wasm", new, RECOVERED, late)
            _hang(volume)
            _require_end(fixture, server, volume, "the volume keeps the server from ending")
        _start_while_it_hangs(fixture, volume)
    told_of_tls = _hang_with_tls_files(fixture)
    fixture.report(
        f"neighbour updated in {in_seconds(updated)}, told in {in_seconds(told)}, metric {age:.0f} s old, "
        f"{waiting} request waited, up to date {in_seconds(recovered)} after; told of TLS files in {in_seconds(told_of_tls)}"
    )
    fixture.require(age >= 10, f"{METRIC} says nothing")
    fixture.require(remote == old.digest, "what was good is not served on")
    fixture.require(waiting <= 1, f"{waiting} requests wait for the volume")


def _start_while_it_hangs(fixture: AttackFixture, volume: Volume) -> None:
    """Nothing is served before everything was read; but it is said what is waited for, and the server can be ended.

    The kernel lets nobody go who waits for FUSE, so the volume answers before the end is awaited.
    """
    volume.hang()
    server = WasmServer(fixture.binary, [volume.root])
    try:
        silent = "a server that starts does not say that it waits for the volume"
        fixture.await_until(lambda: server.has_said("takes long"), TOLD, silent)
        server.request_stop()
        time.sleep(1.0)
        volume.recover()
        fixture.require(server.stop() == 128 + signal.SIGTERM, "a server that starts cannot be ended while it waits")
    finally:
        volume.recover()
        server.kill()


def _hang_with_tls_files(fixture: AttackFixture) -> float | None:
    """The volume of the certificate hangs: new connections go on, someone is told, and the server ends when it is told to."""
    authority = Authority.at(fixture.work / "authority")
    pair = authority.server_pair(fixture.work / "pair")
    files = {"tls.crt": File(pair.certificate.read_bytes()), "tls.key": File(pair.key.read_bytes())}
    with (
        Volume(fixture.work / "tls", files) as volume,
        WasmServer(fixture.binary, [fixture.work / "local"], *Pair.at(volume.root).flags()) as server,
    ):
        volume.hang()
        told = _await_told(fixture, server, "tls-checks", "nobody is told that TLS files are not looked at any more")
        with connect(server.ports["tls"], authority.trusts()) as client:
            is_well = client.version() is not None
            fixture.require(is_well, "no handshake while the volume of the certificate hangs")
        _require_end(fixture, server, volume, "TLS files that hang keep the server from ending")
    return told


def _hang(volume: Volume) -> None:
    volume.hang()
    time.sleep(2.0)


def _await_told(fixture: AttackFixture, server: WasmServer, check: str, otherwise: str) -> float | None:
    words = f"{check} failed: A check of"
    return fixture.await_until(lambda: words in server.operations("/readyz?verbose"), TOLD, otherwise)


def _require_end(fixture: AttackFixture, server: WasmServer, volume: Volume, otherwise: str) -> None:
    server.request_stop()
    fixture.await_until(lambda: bool(server.says_of("stopped")), ENDED, otherwise)
    volume.recover()
    fixture.require(server.stop() == 0, "the server did not end well")
