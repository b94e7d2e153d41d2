# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 11, more connections than the server has descriptors for."""

import time

from harness import http1, probes, sockets
from harness.errors import AttackError
from harness.scene import Row, Scene

CONNECTIONS = 1000
MOST_CPU = 0.05
RECOVERY = 2.0
PROBES = 5


def attack(scene: Scene) -> None:
    held = _connect_all(scene.server.port)
    time.sleep(1.0)
    open_now = len(held)
    cpu = scene.server.cpu_share(3.0 if scene.quick else 8.0)
    alive = sum(probes.succeeds(scene.server.ports["operations"], "/livez") for _ in range(PROBES))
    for end in held:
        end.close()
    recovered = scene.await_until(lambda: http1.get(scene.server.port, "/health") is not None, 10.0)
    scene.tell(
        f"{open_now} connections, {cpu:.1%} CPU, /livez {alive}/{PROBES}, "
        f"recovered in {'never' if recovered is None else f'{recovered:.1f} s'}"
    )
    scene.require(cpu < MOST_CPU, f"{cpu:.0%} CPU while the connections are held")
    scene.require(alive == PROBES, f"/livez answered {alive} of {PROBES} times")
    scene.require(recovered is not None and recovered <= RECOVERY, "not recovered in 2 s")


def _connect_all(port: int) -> list:
    held = []
    for _ in range(CONNECTIONS):
        try:
            held.append(sockets.connect(port))
        except OSError:
            continue
    if not held:
        raise AttackError("not one connection could be made")
    return held


ROW = Row(
    11, "Descriptor exhaustion", "no exit, < 5 % CPU, probes answer, recovers ≤ 2 s", attack,
    open_files=256, is_bystander_kept=True,
)  # fmt: skip
