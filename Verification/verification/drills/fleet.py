# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Envoys that fetch from addresses of their own, and whether a replica tells the truth about each of them."""

import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from verification.drills.envoy import VERSIONS, Envoy, bootstrap
from verification.drills.page import rows
from verification.programs import kill_group, run, start
from verification.server.process import WasmServer
from verification.sources.module import digest_path

MODULE = "/plugin.wasm"
METRIC = "wasm_server_clients"
STATES = ("current", "behind", "missing", "failed")
EXIT_NOT_YET = 75  # EX_TEMPFAIL
SHORT = 12  # digits of a digest
COMMAND_LIMIT = 30.0  # seconds for one that does not wait


class EnvoyGateway(AbstractContextManager):
    """An Envoy that is started again and again, and what is true of it; leaving its `with` block ends it."""

    def __init__(self, number: int, address: str, folder: Path) -> None:
        self.address, self.state = address, ""
        self.asked = self.has = ""  # digests
        self.seen_by = ""  # the replica that it came to last
        self.envoy: Envoy | None = None
        self._version, self._folder, self._boots = VERSIONS[number % len(VERSIONS)], folder, 0

    def boot(self, digest: str, replica: WasmServer) -> None:
        """Ends it, and starts it with a configuration that names a digest, and one replica to get it from."""
        self.stop()
        self._boots += 1
        self.asked, self.seen_by = digest, replica.host
        configuration = bootstrap(digest_path(digest), digest, (replica.host,), replica.port, self.address)
        self.envoy = Envoy(self._version, configuration, self._folder / str(self._boots))

    def gets_plugin(self) -> bool:
        if self.envoy is None or self.envoy.seconds_to_plugin() is None:
            return False
        self.has = self.asked
        return True

    def gives_up(self) -> bool:
        return self.envoy is not None and self.envoy.gives_up()

    def stop(self) -> None:
        if self.envoy:
            self.envoy.stop()
            self.envoy = None

    def log_tail(self) -> str:
        return f"Envoy {self._version} at {self.address}: {self.envoy.log_tail() if self.envoy else 'stopped'}"

    def __exit__(self, *_: object) -> None:
        self.stop()


@dataclass(frozen=True)
class Truth:
    """What is true of all gateways and replicas, and so has to be told by each of those."""

    gateways: list[EnvoyGateway]
    replicas: list[WasmServer]
    silent: set[str]  # operations ports of replicas that do not run
    served: str

    def __str__(self) -> str:
        return ", ".join(f"{count} {state}" for state, count in self._counts.items() if count)

    def contradiction(self, replica: WasmServer) -> str:
        """What a replica's document and metrics tell otherwise; nothing if they tell the truth."""
        told, true = Counter(_statements_of(replica)), Counter(self._statements_for(replica))
        return f"{sorted(told - true)}, not {sorted(true - told)}" if told != true else ""

    def wrong_gates(self, binary: Path, replica: WasmServer) -> Iterator[str]:
        """What the command that waits for a rollout says otherwise if it does not wait: its exit code, and whom it names."""
        having = self._counts["current"]
        others = {(gateway.state, gateway.address) for gateway in self.gateways if gateway.state != "current"}
        for quantity in ("all", str(having)) if having else ("all",):
            done = run(*gate(binary, replica, quantity, self.served, "0s"), timeout=COMMAND_LIMIT)
            named = {tuple(line.split()[:2]) for line in done.stdout.splitlines()}
            is_reached = quantity != "all" or not others
            if done.returncode != (0 if is_reached else EXIT_NOT_YET):
                yield f"--wait-for {quantity} exits with {done.returncode} while there are {self}: {done.stderr}"
            if not is_reached and named != others:
                yield f"--wait-for {quantity} names {sorted(named)}, not {sorted(others)}"
            if f"{having} of {len(self.gateways)} gateways have it" not in done.stderr:
                yield f"--wait-for {quantity} says {done.stderr}"

    @property
    def _counts(self) -> dict[str, int]:
        found = Counter(gateway.state for gateway in self.gateways)
        return {state: found[state] for state in STATES}

    def _statements_for(self, replica: WasmServer) -> Iterator[str]:
        for gateway in self.gateways:
            outcome = "refused" if gateway.state == "failed" else "whole"
            seen = "seen" if gateway.seen_by == replica.host else "told by a peer"
            yield _of_client(gateway.address, "envoy", gateway.state, gateway.has, gateway.asked, outcome, seen)
            yield _shown(gateway.address, gateway.state, gateway.has, outcome)
        yield _of_module(MODULE, self.served, self._counts)
        yield _shown(MODULE, self.served, *(str(count) for count in self._counts.values()))
        yield from (f"{operations_address(each)} answers" for each in self.replicas if each is not replica)
        yield from (f"{address} does not answer" for address in self.silent)
        for state, count in self._counts.items():
            yield f'{METRIC}{{module="{MODULE}",state="{state}"}} {count}'


def _statements_of(replica: WasmServer) -> Iterator[str]:
    document = replica.fleet()
    addresses = {each["address"] for each in document["replicas"]}
    for each in document["clients"]:
        teller = each.get("toldBy")
        seen = "seen" if teller is None else "told by a peer" if teller in addresses else f"told by {teller}"
        client = (each["client"], each["kind"], each["state"], each.get("sha256", ""), each["asked"], each["outcome"])
        yield _of_client(*client, seen)
    for each in document["modules"]:
        yield _of_module(each["path"], each["sha256"], {state: each["gateways"][state] for state in STATES})
    yield from (f"{each['address']} {'does not answer' if 'failure' in each else 'answers'}" for each in document["replicas"])
    yield from (f"{name} {value:.0f}" for name, value in replica.metrics().items() if name.startswith(f"{METRIC}{{"))
    page = replica.operations("/fleet?format=html")
    for client, state, _kind, _module, has, _last, outcome, _teller in rows(page, "clients"):
        yield _shown(client, state.split()[-1], has, outcome)
    for path, failed, behind, missing, current, digest, _since in rows(page, "gateways"):
        yield _shown(path, digest, current, behind, missing, failed)


def _of_client(client: str, kind: str, state: str, has: str, asked: str, outcome: str, seen: str) -> str:
    return f"{client} ({kind}) {state}, has {has[:SHORT]}, asked for {asked[:SHORT]}, {outcome}, {seen}"


def _of_module(path: str, digest: str, counts: dict[str, int]) -> str:
    return f"{path} is {digest[:SHORT]}, {counts}"


def _shown(*cells: str) -> str:
    """A row of the page."""
    return f"the page shows {' | '.join(cell[: 2 * SHORT] for cell in cells)}"


class Gate(AbstractContextManager):
    """`wasm-server fleet`, which waits until all have a digest; leaving its `with` block ends it."""

    def __init__(self, binary: Path, replica: WasmServer, digest: str, timeout: str) -> None:
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._process = start(*gate(binary, replica, "all", digest, timeout), **silent)

    @property
    def code(self) -> int | None:
        """What it exits with; None while it waits."""
        return self._process.poll()

    def __exit__(self, *_: object) -> None:
        kill_group(self._process)


def gate(binary: Path, replica: WasmServer, quantity: str, digest: str, timeout: str) -> list[object]:
    """The words of the command."""
    url = f"http://{operations_address(replica)}"
    return [binary, "fleet", url, "--wait-for", quantity, "--digest", digest, "--timeout", timeout]


def operations_address(replica: WasmServer) -> str:
    return f"{replica.host}:{replica.ports['operations']}"
