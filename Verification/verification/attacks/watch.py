# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What every row asserts besides its own outcome: the bystander, memory, descriptors, and that the server lives on."""

import os
import time
from contextlib import suppress
from dataclasses import dataclass, field

from verification.attacks.fixture import AttackFixture, Row
from verification.clients import http1
from verification.clients.bystander import LIMIT_MILLISECONDS, Bystander
from verification.clients.sessions import get_over_http2
from verification.fixture import in_seconds
from verification.server import kernel
from verification.server.kernel import Memory

DESCRIPTOR_LIMIT = 10.0  # seconds
WARM_UP = 8
FEWEST_FETCHES = 3
FOREIGN_LIMIT = 0.25  # of the machine: above, a slow bystander may be somebody else's doing
STEAL_LIMIT = 0.05


@dataclass
class Shared:
    """The shared figures of one row."""

    bystander: Bystander
    kept: str = ""
    growth: Memory = field(default_factory=lambda: Memory(0.0, 0.0))
    descriptors: float | None = None
    load: float = 0.0
    foreign: float = 0.0
    steal: float = 0.0

    @property
    def is_disturbed(self) -> bool:
        return self.foreign > FOREIGN_LIMIT or self.steal > STEAL_LIMIT

    def __str__(self) -> str:
        back = "never back" if self.descriptors is None else f"back in {in_seconds(self.descriptors)}"
        return (
            f"bystander {self.bystander}{self.kept} · "
            f"rss +{self.growth.rss:.1f} anon +{self.growth.anon:.1f} MB (TCP {self.growth.sockets:.0f}) · fds {back} · "
            f"load {self.load:.1f} foreign {self.foreign:.0%} steal {self.steal:.0%}"
        )


class Watch:
    """Watches the server from before a row to after it."""

    def __init__(self, row: Row, fixture: AttackFixture) -> None:
        self._row, self._fixture = row, fixture
        self._pid = fixture.server.pid
        _warm_up(fixture)
        self._descriptors = kernel.descriptors(self._pid)
        self._peak = kernel.Peak(self._pid)
        self._clock, self._begin_cpu = kernel.Clock.now(), kernel.cpu_seconds(self._pid)
        self._own = time.process_time() + _children_seconds()
        self._peak.start()
        port, digest = fixture.server.port, fixture.module.digest
        self._bystanders = {kept: Bystander(port, digest, kept) for kept in {False, row.is_bystander_kept}}
        fixture.await_until(lambda: all(bystander.fetches for bystander in self._bystanders.values()), 10.0)

    def end(self) -> Shared:
        """Waits for the descriptors, stops watching and judges."""
        fixture, shared = self._fixture, Shared(self._bystanders[self._row.is_bystander_kept])
        fixture.await_until(lambda: len(shared.bystander.fetches) >= FEWEST_FETCHES, 5.0)
        begin = time.monotonic()
        shared.load = os.getloadavg()[0]
        after = kernel.Clock.now()
        foreign = after.busy - self._clock.busy - self._our_seconds()
        total = after.total - self._clock.total
        shared.foreign, shared.steal = max(0.0, foreign / total), (after.stolen - self._clock.stolen) / total
        for bystander in self._bystanders.values():
            bystander.stop()
        self._peak.stop()
        self._judge_bystanders(shared)
        if fixture.require(fixture.server.is_running, f"the server ended with {fixture.server.process.poll()}"):
            late = f"descriptors not back after {DESCRIPTOR_LIMIT:.0f} s"
            waited = fixture.await_until(self._are_descriptors_back, DESCRIPTOR_LIMIT, late)
            shared.descriptors = None if waited is None else time.monotonic() - begin
        shared.growth, most = self._peak.growth, self._row.most_memory
        fixture.require(shared.growth.own < most, f"memory grew by more than {most:.0f} MB")
        return shared

    def _judge_bystanders(self, shared: Shared) -> None:
        judge = shared.bystander
        if self._row.is_bystander_kept:
            fresh = self._bystanders[False]
            shared.kept = f" on one connection, {fresh.right}/{len(fresh.fetches)} on new ones"
        require = self._fixture.require
        require(len(judge.fetches) > 0, "the bystander fetched nothing")
        require(not judge.problems, f"the bystander got: {'; '.join(sorted(set(judge.problems))[:3])}")
        disturbed = ", under foreign load" if shared.is_disturbed else ""
        require(not judge.is_slow, f"p99 is not below {LIMIT_MILLISECONDS:.0f} ms{disturbed}")

    def _are_descriptors_back(self) -> bool:
        return kernel.descriptors(self._pid) <= self._descriptors

    def _our_seconds(self) -> float:
        """CPU time of this process, its ended children, the server and the bystanders since the row began."""
        own = time.process_time() + _children_seconds() - self._own
        with suppress(OSError):
            own += kernel.cpu_seconds(self._pid) - self._begin_cpu
        return own + sum(kernel.cpu_seconds(bystander.pid) for bystander in self._bystanders.values())


def _warm_up(fixture: AttackFixture) -> None:
    """What a server allocates once, for its first connections, is not growth."""
    port = fixture.server.port
    for _ in range(WARM_UP):
        http1.get(port, "/plugin.wasm")
        get_over_http2(port, "/plugin.wasm")
    fixture.await_until(lambda: not kernel.owned_connections(port), 5.0)


def _children_seconds() -> float:
    times = os.times()
    return times.children_user + times.children_system
