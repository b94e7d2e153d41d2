# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A rollout that five Envoys follow or not, of which each of three replicas tells the truth, also when one is replaced.

1. Each Envoy fetches the first version, by digest: all are current.
2. The module changes under all replicas, and nobody has come since: all are missing.
3. One Envoy is started with the digest of the second version, two with that of the first once more, one is stopped, and one is
   started with a digest that nobody has: current, behind, missing, failed.
4. Another process takes the place of a replica, elsewhere: it tells the same, and the others name the one that is gone.
5. All get the second version, which the command that waits for it says at each replica, and no sooner.
"""

import time
from contextlib import ExitStack
from pathlib import Path

from verification.drills.campaign import peer_flags
from verification.drills.fleet import EnvoyGateway, Gate, Truth, operations_address
from verification.fixture import Fixture, Row
from verification.server.process import WasmServer, free_ports
from verification.sources.module import Module

ADDRESSES = [f"127.87.1.{number}" for number in range(1, 5)]  # three replicas, and one that replaces the first
GATEWAYS = [f"127.87.2.{number}" for number in range(1, 6)]
REPLICAS = 3
SIZE = 1_000_000
NOBODYS = "0" * 64
LIMIT = 30.0  # seconds until each replica tells the truth
GATE_LIMIT = "3m"  # Envoys are started meanwhile


class Rollout:
    """Replicas and gateways, and whether they agree."""

    def __init__(self, fixture: Fixture, stack: ExitStack) -> None:
        self.fixture, self._stack = fixture, stack
        self._ports = free_ports(2, tuple(ADDRESSES))
        self.versions = [Module.plugin(version, SIZE).digest for version in (1, 2)]
        self.served = self.versions[0]
        self._ended = time.monotonic()  # when the last step ended
        self._source = self._write(1)
        self.replicas = [self.start(address) for address in ADDRESSES[:REPLICAS]]
        self.gateways = [
            stack.enter_context(EnvoyGateway(number, address, fixture.work / f"envoy-{number}"))
            for number, address in enumerate(GATEWAYS)
        ]

    def start(self, address: str) -> WasmServer:
        """Starts a replica, which knows all addresses that one may have."""
        flags = ["--drain-delay", "0", *peer_flags(ADDRESSES, self._ports[0])]
        server = WasmServer(self.fixture.binary, [self._source], *flags, host=address, ports=tuple(self._ports))
        return self._stack.enter_context(server)

    def change(self) -> None:
        """Has all replicas serve the second version; whoever has come before is missing then."""
        self._write(2)
        self.served = self.versions[1]
        self._step_ended()
        for gateway in self.gateways:
            gateway.state = "missing"

    def await_next_second(self) -> None:
        """Whoever comes in the second of the change may have come before it."""

        def is_next(replica: WasmServer) -> bool:
            document = replica.fleet()
            return all(document["time"] > module["since"] for module in document["modules"])

        self.fixture.await_until(lambda: all(map(is_next, self.replicas)), LIMIT, "a change is never in the past")

    def boot(self, *gateways: EnvoyGateway, digest: str, state: str) -> None:
        """Starts gateways anew, each at its own replica, and waits until they run the plugin."""
        for gateway in gateways:
            gateway.boot(digest, self._replica_of(gateway))
        for gateway in gateways:
            self.fixture.require(gateway.gets_plugin(), f"no plugin: {gateway.log_tail()}")
            gateway.state = state
        self._step_ended()

    def refuse(self, gateway: EnvoyGateway) -> None:
        """Starts a gateway anew with a digest that nobody has, and waits until it goes without its plugin."""
        gateway.boot(NOBODYS, self._replica_of(gateway))
        self.fixture.require(gateway.gives_up(), f"nobody has what it asks for, but: {gateway.log_tail()}")
        gateway.state = "failed"
        self._step_ended()

    def replace_first(self) -> None:
        """Ends the first replica, and starts one at another address."""
        code = self.replicas[0].stop()
        self._step_ended()
        self.fixture.require(code == 0, f"the replica that was replaced ended with {code}")
        self.replicas[0] = self.start(ADDRESSES[REPLICAS])

    def await_truth(self, step: str) -> None:
        """Until each replica tells the truth; as soon as all do, the command does, too."""
        silent = {f"{address}:{self._ports[1]}" for address in ADDRESSES} - set(map(operations_address, self.replicas))
        truth = Truth(self.gateways, self.replicas, silent, self.served)
        wrong: dict[str, str] = {}
        told: dict[str, float] = {}

        def is_told() -> bool:
            for replica in [each for each in self.replicas if each.host not in told]:
                wrong[replica.host] = truth.contradiction(replica)
                if not wrong[replica.host]:
                    told[replica.host] = time.monotonic() - self._ended
            return len(told) == len(self.replicas)

        self.fixture.await_until(is_told, LIMIT - (time.monotonic() - self._ended))
        seconds = "/".join(f"{told[each.host]:.1f}" if each.host in told else "never" for each in self.replicas)
        self.fixture.report(f"{step}: {truth} after {seconds} s")
        for replica in self.replicas:
            problem = f"{step}: after {LIMIT:.0f} s {replica.host} tells {wrong[replica.host]}"
            self.fixture.require(replica.host in told, problem)
            for problem in truth.wrong_gates(self.fixture.binary, replica):
                self.fixture.require(False, f"{step}: at {replica.host} {problem}")

    def await_gates(self, gates: list[Gate]) -> None:
        """Until what has waited for all ends well."""
        self.fixture.await_until(lambda: all(gate.code is not None for gate in gates), LIMIT)
        seconds = time.monotonic() - self._ended
        codes = [gate.code for gate in gates]
        self.fixture.report(f"waits for all ended within {seconds:.1f} s with {'/'.join(map(str, codes))}")
        self.fixture.require(codes == [0] * len(gates), f"waits for all ended with {codes}")

    def _step_ended(self) -> None:
        self._ended = time.monotonic()

    def _replica_of(self, gateway: EnvoyGateway) -> WasmServer:
        return self.replicas[self.gateways.index(gateway) % REPLICAS]

    def _write(self, version: int) -> Path:
        return Module.plugin(version, SIZE).replace(self.fixture.work / "modules" / "plugin.wasm")


def run(fixture: Fixture) -> None:
    with ExitStack() as stack:
        rollout = Rollout(fixture, stack)
        first, second = rollout.versions
        one, two, three, four, five = rollout.gateways

        rollout.boot(*rollout.gateways, digest=first, state="current")
        rollout.await_truth("first version")

        rollout.change()
        rollout.await_truth("changed")

        rollout.await_next_second()
        four.stop()
        rollout.boot(one, digest=second, state="current")
        rollout.boot(two, three, digest=first, state="behind")
        rollout.refuse(five)
        rollout.await_truth("under way")

        rollout.replace_first()
        rollout.await_truth("replica replaced")

        gates = [stack.enter_context(Gate(fixture.binary, replica, second, GATE_LIMIT)) for replica in rollout.replicas]
        rollout.boot(one, two, three, four, digest=second, state="current")
        fixture.require(all(gate.code is None for gate in gates), "it was not waited for the last gateway")
        rollout.boot(five, digest=second, state="current")
        rollout.await_truth("second version")
        rollout.await_gates(gates)


ROWS = [Row("fleet", "each replica tells who is current, behind, missing, failed within 30 s; waits end then, and no sooner", run)]
