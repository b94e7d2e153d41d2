# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 37, a volume that does not answer any more, beside one that does."""

import os
import signal
import time
from pathlib import Path

from harness import http1
from harness.module import Module
from harness.scene import Row, Scene
from harness.server import WasmServer
from harness.tls import Authority, connect
from harness.volume import File, Volume

SMALL = 50_000
UPDATED, TOLD, RECOVERED, ENDED = 5.0, 20.0, 10.0, 15.0
ASKED = 50
METRIC = "wasm_server_source_last_check_timestamp_seconds"


def attack(scene: Scene) -> None:
    old, new = Module.of(2, SMALL), Module.of(3, SMALL)
    local = scene.work / "local"
    old.write(local / "local.wasm")
    with Volume(scene.work / "volume", {"remote.wasm": File(old.content)}) as volume:
        with WasmServer(scene.binary, [volume.root, local]) as server:
            volume.hang()
            time.sleep(2.0)
            for _ in range(ASKED):
                os.kill(server.pid, signal.SIGHUP)
            _replace(new, local)
            updated = scene.await_until(lambda: _digest(server, "/local.wasm") == new.digest, UPDATED)
            told = scene.await_until(lambda: "source-checks failed: A check of" in _verbose(server), TOLD)
            age = _age(server, volume)
            remote = _digest(server, "/remote.wasm")
            volume.put("remote.wasm", File(new.content))
            waiting = volume.waiting
            volume.recover()
            recovered = scene.await_until(lambda: _digest(server, "/remote.wasm") == new.digest, RECOVERED)
            volume.hang()
            time.sleep(2.0)
            server.process.terminate()
            ended = scene.await_until(lambda: _has_said(server, "stopped"), ENDED)
            scene.require(ended is not None, "the volume keeps the server from ending")
            volume.recover()
            scene.require(server.stop() == 0, "the server did not end well")
        _start_while_it_hangs(scene, volume)
    told_of_tls = _hang_with_tls_files(scene)
    scene.tell(
        f"neighbour updated in {_seconds(updated)}, told in {_seconds(told)}, metric {age:.0f} s old, "
        f"{waiting} request waited, up to date {_seconds(recovered)} after; "
        f"told of TLS files in {_seconds(told_of_tls)}"
    )
    scene.require(told_of_tls is not None, "nobody is told that TLS files are not looked at any more")
    scene.require(updated is not None, f"another source is not updated in {UPDATED:.0f} s")
    scene.require(told is not None, "/readyz?verbose does not say it")
    scene.require(age >= 10, f"{METRIC} says nothing")
    scene.require(remote == old.digest, "what was good is not served on")
    scene.require(waiting <= 1, f"{waiting} requests wait for the volume")
    scene.require(recovered is not None, "it is not up to date once it answers again")


def _start_while_it_hangs(scene: Scene, volume: Volume) -> None:
    """Nothing is served before everything was read; but it is said what is waited for, and the server can be ended.

    The kernel lets nobody go who waits for FUSE, so the volume answers before the end is awaited.
    """
    volume.hang()
    server = WasmServer(scene.binary, [volume.root])
    try:
        said = scene.await_until(lambda: _has_said(server, "takes long"), TOLD)
        scene.require(said is not None, "a server that starts does not say that it waits for the volume")
        server.process.terminate()
        time.sleep(1.0)
        volume.recover()
        scene.require(server.stop() == 128 + signal.SIGTERM, "a server that starts cannot be ended while it waits")
    finally:
        volume.recover()
        server.kill()


def _hang_with_tls_files(scene: Scene) -> float | None:
    """The volume of the certificate hangs: new connections go on, someone is told, and the server ends when it is told to."""
    pair = Authority.at(scene.work / "authority").server_pair(scene.work / "pair")
    files = {"tls.crt": File(Path(pair.certificate).read_bytes()), "tls.key": File(Path(pair.key).read_bytes())}
    with Volume(scene.work / "tls", files) as volume:
        flags = ["--tls-certificate", volume.root / "tls.crt", "--tls-key", volume.root / "tls.key", "--tls-port", "0"]
        with WasmServer(scene.binary, [scene.work / "local"], *map(str, flags)) as server:
            volume.hang()
            told = scene.await_until(lambda: "tls-checks failed: A check of" in _verbose(server), TOLD)
            context = Authority.at(scene.work / "authority").trusts()
            with connect(server.ports["tls"], context) as client:
                scene.require(client.version() is not None, "no handshake while the volume of the certificate hangs")
            server.process.terminate()
            ended = scene.await_until(lambda: _has_said(server, "stopped"), ENDED)
            scene.require(ended is not None, "TLS files that hang keep the server from ending")
            volume.recover()
            scene.require(server.stop() == 0, "the server did not end well")
    return told


def _has_said(server: WasmServer, words: str) -> bool:
    return any(words in event.get("message", "") for event in list(server.events))


def _replace(module: Module, folder) -> None:
    os.rename(module.write(folder / "new"), folder / "local.wasm")


def _digest(server: WasmServer, path: str) -> str:
    response = http1.get(server.port, f"{path}.sha256")
    return response.body.decode().strip() if response else ""


def _verbose(server: WasmServer) -> str:
    response = http1.get(server.ports["operations"], "/readyz?verbose")
    return response.body.decode() if response else ""


def _age(server: WasmServer, volume: Volume) -> float:
    response = http1.get(server.ports["operations"], "/metrics")
    for line in response.body.decode().splitlines() if response else []:
        if line.startswith(f'{METRIC}{{source="{volume.root}"}}'):
            return time.time() - float(line.rpartition(" ")[2])
    return 0.0


def _seconds(waited: float | None) -> str:
    return "never" if waited is None else f"{waited:.1f} s"


ROW = Row(37, "Hanging source", "others updated ≤ 5 s; told, of TLS files too; last good served", attack)
