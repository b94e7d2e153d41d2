# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Rolls under gateways, one after another, and what came of them."""

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Self

from verification.clients.gateways import Tally
from verification.drills.gateways import BootingGateway, Layout, announced_digest
from verification.drills.rollout import ControlPlane, Deployment, Start
from verification.fixture import Fixture
from verification.server.process import Server, WasmServer, free_ports
from verification.sources.module import Module, digest_path
from verification.threads import ThreadGroup

ADDRESSES = [f"127.0.0.{number}" for number in range(1, 9)]  # three replicas, one more, and those that are ending
DRAIN = ["--drain-delay", "3s", "--drain-timeout", "30s"]  # endpoints are known everywhere after a second
SIZES = (1_000_000, 2_500_000)
PAUSES = (2.0, 6.0)  # between rolls
FIRST = 1


class Campaign(AbstractContextManager):
    """A Deployment, its gateways, which boot while the `with` block lasts, and the versions that it is rolled to.

    Versions go 1, 2, 1, 3, 1, 4 …: a roll forward is to one that nobody has seen, and the next one back again.
    """

    def __init__(self, fixture: Fixture, start: Start, addresses: list[str], layout: Layout, gateways: int) -> None:
        self.control = ControlPlane()
        self.deployment = Deployment(start, addresses, write_version(fixture.work, FIRST))
        self.layout, self._folder, self._stack = layout, fixture.work, ExitStack()
        endpoints = self.deployment.endpoints
        self._gateways = [BootingGateway(layout, endpoints, self.control) for _ in range(gateways)]

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self.deployment)
            stack.enter_context(ThreadGroup(self._gateways))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def tally(self) -> Tally:
        """Whole only when the gateways have ended."""
        return sum((gateway.tally for gateway in self._gateways), Tally())

    @property
    def boots(self) -> int:
        """How many gateways got their plugin, or gave up."""
        return sum(gateway.tally.boots for gateway in self._gateways)

    def roll_until(self, is_enough: Callable[[], bool], most_seconds: float, rest: float = 0.0) -> None:
        """Rolls again and again, after `rest` seconds more than a few."""
        end = time.monotonic() + most_seconds
        while not is_enough() and time.monotonic() < end:
            forward = self.deployment.rolls % 2 == 0
            version = FIRST + self.deployment.rolls // 2 + 1 if forward else FIRST
            source = write_version(self._folder, version)
            self.control.keep(announced_digest(self.layout.port, self.deployment.endpoints))
            self.deployment.roll(source)
            self.control.roll_ended()
            time.sleep(rest + random.uniform(*PAUSES))

    def report(self, fixture: Fixture) -> Tally:
        """The figures."""
        tally, rolls = self.tally, self.deployment.rolls
        by_protocol = " + ".join(f"{count:,} {protocol}" for protocol, count in sorted(tally.fetched.items()))
        fixture.report(
            f"{rolls} rolls, {tally.fetched.total():,} modules fetched ({by_protocol}; {tally.stale:,} by a digest from "
            f"before a roll), {len(tally.failed)} failed, {tally.mismatched} mismatched, {tally.retried.total()} tries "
            f"failed once, slowest {tally.slowest:.1f} s"
        )
        if tally.retried:
            fixture.report(tally.first_tries())
        return tally

    def judge(self, fixture: Fixture, where: str = "") -> Tally:
        """The figures, and that no gateway went without its module or got another one."""
        tally = self.report(fixture)
        fixture.require(not tally.failed, f"{where}{len(tally.failed)} fetches failed: {tally.failed[:3]}")
        fixture.require(not tally.mismatched, f"{where}{tally.mismatched} bodies had another digest")
        return tally


def write_version(work: Path, version: int) -> Path:
    """A folder of this version, with what either server needs: the module, and its digest in a file."""
    folder = work / "versions" / str(version)
    if not folder.exists():
        module = Module.plugin(version, random.Random(version).randint(*SIZES))
        module.write(folder / "plugin.wasm")
        (folder / "plugin.wasm.sha256").write_text(module.digest + "\n")
    return folder


def our_replicas(fixture: Fixture, addresses: list[str]) -> tuple[Start, Layout]:
    """How to start one of ours, which know each other, and how they are asked."""
    port, operations = free_ports(2, tuple(addresses))
    flags = [*DRAIN, *peer_flags(addresses, port)]

    def start(source: Path, address: str) -> Server:
        return WasmServer(fixture.binary, [source], *flags, host=address, ports=(port, operations))

    return start, Layout(port, ("h1", "h2c"), digest_path)


def peer_flags(addresses: list[str], port: int) -> list[str]:
    """Every address that a replica may have, its own too."""
    return [word for address in addresses for word in ("--peers", f"{address}:{port}")]
