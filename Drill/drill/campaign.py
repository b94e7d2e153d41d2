# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Rolls under gateways, one after another, and what came of them."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from drill.control_plane import ControlPlane
from drill.deployment import Deployment
from drill.gateways import Gateway, Layout, Tally, announced_digest
from drill.modules import plugin
from harness.scene import Stage

ADDRESSES = [f"127.0.0.{number}" for number in range(1, 9)]  # three replicas, one more, and those that are ending
SIZES = (1_000_000, 2_500_000)
PAUSES = (2.0, 6.0)  # between rolls
FIRST = 1


class Campaign:
    """A Deployment, its gateways, and the versions that it is rolled to.

    Versions go 1, 2, 1, 3, 1, 4 …: a roll forward is to one that nobody has seen, and the next one back again.
    """

    def __init__(self, stage: Stage, deployment: Deployment, layout: Layout, gateways: int) -> None:
        self.control = ControlPlane()
        self.deployment, self.layout = deployment, layout
        self._folder = stage.work
        self._ended = threading.Event()
        endpoints = deployment.endpoints
        self._gateways = [Gateway(layout, endpoints, self.control, self._ended) for _ in range(gateways)]

    @property
    def tally(self) -> Tally:
        """Whole only when the gateways have ended."""
        return sum((gateway.tally for gateway in self._gateways), Tally())

    @property
    def boots(self) -> int:
        """How many gateways got their plugin, or gave up."""
        return sum(gateway.tally.boots for gateway in self._gateways)

    def roll_until(self, is_enough: Callable[[], bool], rest: float = 0.0) -> None:
        """Rolls again and again, after `rest` seconds more than a few."""
        while not is_enough():
            forward = self.deployment.rolls % 2 == 0
            version = FIRST + self.deployment.rolls // 2 + 1 if forward else FIRST
            source = write_version(self._folder, version)
            self.control.keep(announced_digest(self.layout.port, self.deployment.endpoints))
            self.deployment.roll(source)
            self.control.roll_ended()
            time.sleep(rest + random.uniform(*PAUSES))

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """The gateways boot while this lasts."""
        for gateway in self._gateways:
            gateway.start()
        try:
            yield
        finally:
            self._ended.set()
            for gateway in self._gateways:
                gateway.join()


def write_version(work: Path, version: int) -> Path:
    """A folder of this version, with what either server needs: the module, and its digest in a file."""
    folder = work / "versions" / str(version)
    if not folder.exists():
        module = plugin(version, random.Random(version).randint(*SIZES))
        module.write(folder / "plugin.wasm")
        (folder / "plugin.wasm.sha256").write_text(module.digest + "\n")
    return folder


def tell(stage: Stage, campaign: Campaign) -> Tally:
    """The figures of a campaign."""
    tally, rolls = campaign.tally, campaign.deployment.rolls
    by_protocol = " + ".join(f"{count:,} {protocol}" for protocol, count in sorted(tally.fetched.items()))
    stage.tell(
        f"{rolls} rolls, {tally.fetched.total():,} modules fetched ({by_protocol}; {tally.stale:,} by a digest from "
        f"before a roll), {len(tally.failed)} failed, {tally.mismatched} mismatched, {tally.retried.total()} tries "
        f"failed once, slowest {tally.slowest:.1f} s"
    )
    if tally.retried:
        stage.tell("first tries: " + ", ".join(f"{count} × {why}" for why, count in tally.retried.most_common(4)))
    return tally
