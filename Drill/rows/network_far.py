# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Replicas that are far from each other, or lose packets: they take over what others have, or find it at a later try."""

from drill.lab import Lab, is_possible
from drill.modules import plugin
from drill.row import Row
from harness.scene import Stage

# One way from a replica to the bridge in seconds, the part of its packets that is lost each way, and the size of a module.
CABLES = {
    "400 ms": (0.1, 0.0, 300_000),
    "500 ms": (0.125, 0.0, 300_000),
    "500 ms, 4.3 MB": (0.125, 0.0, 4_300_000),
    "100 ms and 5 % lost": (0.025, 0.025, 20_000),
}
TRIES = 5
FOLLOWED = 40.0  # seconds: replicas look at each other every ten


def play(stage: Stage) -> None:
    if not is_possible():
        stage.tell("skipped: network namespaces need root and ip(8)")
        return
    for name, (delay, loss, size) in CABLES.items():
        for is_secure in (False, True):
            with Lab(stage, "IPv4", is_secure, delay, loss) as lab:
                _play(stage, lab, f"{name} with mutual TLS" if is_secure else name, size, is_whole=not loss)


def _play(stage: Stage, lab: Lab, name: str, size: int, is_whole: bool) -> None:
    versions = [plugin(version, size) for version in range(3)]
    first, second = lab.address(1), lab.address(2)
    lab.names.addresses = [first]
    lab.start(1, versions[0])
    lab.names.addresses = [first, second]
    events = lab.start(2, versions[1]).events
    adopted = sum(int(event["modules"]) for event in list(events) if event["message"] == "adopted")
    stage.require(adopted == 1 or not is_whole, f"{name}: a new replica took over nothing before it was ready")
    searched = lab.tries(1, versions[1], TRIES)
    stage.require(searched[-1] == 200, f"{name}: what a replica had announced was answered with {searched}")
    lab.replace(1, versions[2])
    followed = stage.await_until(lambda: lab.get(2, f"/sha256/{versions[0].digest}.wasm")[0] == 200, FOLLOWED)
    stage.require(followed is not None, f"{name}: what the old replica had announced was never found")
    again = lab.tries(2, versions[2], TRIES)
    stage.require(again[-1] == 200, f"{name}: what the old replica announced then was answered with {again}")
    found = "never" if followed is None else f"{followed:.1f} s"
    stage.tell(f"{name}: {adopted} adopted, new {searched}, old found in {found}, then {again}")


ROW = Row(
    "network-far", "round trips of 500 ms: adopted before ready; with lost packets, too: found by the fifth try", play
)  # fmt: skip
