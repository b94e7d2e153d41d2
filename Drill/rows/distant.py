# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Replicas that are half a second from each other, there and back, over mutual TLS."""

import time

from drill import distance
from drill.distance import Distance
from drill.lab import Lab, is_possible
from drill.row import Row
from harness.module import Module
from harness.scene import Stage
from harness.server import WasmServer

ONE_WAY = 0.25  # seconds
SIZES = {"10 KB": 10_000, "300 KB": 300_000, "4.3 MB": 4_300_000}
MOST_TRIES = 3  # a second apart
LATEST = 17.0  # seconds until a new replica is ready: 5 to take over, 20 round trips more, and its start


def play(stage: Stage) -> None:
    if not is_possible() or not distance.is_possible():
        stage.tell("skipped: network namespaces and TUN devices need root and ip(8)")
        return
    for form, size in SIZES.items():
        with Distance(ONE_WAY) as far, Lab(stage, "IPv4", True, far) as lab:
            _play(stage, lab, far, form, size)


def _play(stage: Stage, lab: Lab, far: Distance, form: str, size: int) -> None:
    versions = [Module.of(number, size) for number in range(3)]
    lab.names.addresses = [far.address(1)]
    lab.start(1, versions[0])
    lab.names.addresses = [far.address(1), far.address(2)]
    begin = time.monotonic()
    server = lab.start(2, versions[1])
    ready = time.monotonic() - begin
    stage.require(_adopted(server) == 1, f"{form}: a new replica took over nothing")
    stage.require(ready <= LATEST, f"{form}: ready after {ready:.1f} s")
    lab.replace(1, versions[2])
    tries = lab.tries(2, versions[2])
    stage.require(tries[-1] == 200 and len(tries) <= MOST_TRIES, f"{form}: what a peer announced was answered with {tries}")
    stage.tell(f"{form}: adopted and ready after {ready:.1f} s, searched: {tries}")


def _adopted(server: WasmServer) -> int:
    return sum(int(event["modules"]) for event in list(server.events) if event["message"] == "adopted")


ROW = Row("distant", "500 ms there and back, mutual TLS: adopted before ready, found by the third try", play)
