# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Takes the figures: every row, in rounds, with the servers in rotating order."""

import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from verification.benchmarks import memory
from verification.benchmarks.case import Case, Target
from verification.benchmarks.check import check_bytes
from verification.benchmarks.contestants import GO, NAMES, NGINX, OURS, Contest, why_not
from verification.benchmarks.load import Loads, measure, requests_for
from verification.benchmarks.row import Row
from verification.programs import VerificationError
from verification.server.process import Server

MB, KIB = 1e6, 1024
KEPT_IDLE = {"h1": None, "h2c": Target(3.0)}  # KB of each connection
HERD_TIMES = {"h1": Target(0.7), "h2c": Target(0.35)}
IDLE_RSS, START, HERD_PEAK, NONE_FAILED = Target(14.0), Target(20.0), Target(32.0), Target(0.0)
HERD_CPU = Target(1.0)
BESIDE = [OURS, *NGINX, GO]  # whose memory counts


@dataclass(frozen=True)
class Measuring:
    """What is measured with, and how much of it."""

    contest: Contest
    loads: Loads
    digest: str
    rounds: int
    seconds: float
    starts: int
    clients: int
    herds: int

    def cases(self, cases: Iterable[Case]) -> list[Row]:
        """All servers run, and are loaded one after the other."""
        if not (cases := list(cases)):
            return []
        with ExitStack() as stack:
            servers = []
            for name in NAMES:
                servers.append(stack.enter_context(self.contest.start(name)))
                stack.callback(_stop, servers[-1])
                check_bytes(self.loads, servers[-1], self.digest)
            return [self._case(case, servers) for case in cases]

    def starts_row(self) -> Row:
        times = []
        for _ in range(self.starts + 1):
            with self.contest.start(OURS) as server:
                times.append(server.start_milliseconds)
        return Row("start", "start to ready", "ms", {OURS: times[1:]}, amount=START)  # the first only warms the page cache

    def idle_rows(self) -> list[Row]:
        with _progress("idle memory") as step:
            kib = {name: step(memory.idle(self.contest, name)) for name in NAMES}
        figures = {key: {name: [of[key] * KIB / MB] for name, of in kib.items()} for key in ("rss", "anon")}
        return [
            Row("idle-rss", "idle, resident", "MB", figures["rss"], amount=IDLE_RSS, more={"kib": kib}),
            Row("idle-anon", "idle, anonymous", "MB", figures["anon"]),
        ]

    def connection_row(self, protocol: str) -> Row:
        with _progress(f"idle connections, {protocol}") as step:
            bytes_each = {
                name: step(memory.per_connection(self.contest, self.loads, name, protocol, self.clients)) for name in BESIDE
            }
        samples = {name: [value / 1000] for name, value in bytes_each.items()}
        return Row(f"connection-{protocol}", f"idle {protocol} connection", "KB", samples, amount=KEPT_IDLE[protocol])

    def herd_rows(self, protocol: str) -> list[Row]:
        """Each herd has a server of its own."""
        herds: dict[str, list[memory.Herd]] = {name: [] for name in BESIDE}
        with _progress(f"herd, {protocol}") as step:
            for number in range(self.herds):
                for name in _rotated(BESIDE, number):
                    herds[name].append(memory.herd(self.contest, self.loads, name, protocol, self.clients))
                step(None)

        def row(name: str, what: str, unit: str, figure: Callable[[memory.Herd], float], **more: object) -> Row:
            samples = {server: [figure(herd) for herd in of] for server, of in herds.items()}
            return Row(f"herd-{protocol}-{name}", f"herd {protocol}, {what}", unit, samples, **more)

        reasons = {server: reason for server, of in herds.items() for reason in (herd.reason for herd in of) if reason}
        return [
            row("time", "all served", "s", lambda herd: herd.seconds, targets={"nginx": HERD_TIMES[protocol]}),
            row("cpu", "CPU", "ms", lambda herd: herd.cpu_milliseconds, targets={"nginx": HERD_CPU}),
            row("both", "CPU of both ends", "ms", lambda herd: herd.cpu_milliseconds + herd.client_cpu_milliseconds),
            row("memory", "peak anonymous", "MB", lambda herd: herd.peak_anon_kib * KIB / MB, amount=HERD_PEAK),
            row("failed", "failed", "", lambda herd: herd.failed, amount=NONE_FAILED, more={"reasons": reasons}),
        ]

    def _case(self, case: Case, servers: list[Server]) -> Row:
        able = [server for server in servers if not why_not(server.name, case)]
        with _progress(case.title) as step:
            requests = {server.name: requests_for(self.loads, server, case, self.seconds) for server in able}
            samples = {server.name: [] for server in able}
            for number in range(self.rounds):
                for server in _rotated(able, number):
                    samples[server.name].append(measure(self.loads, server, case, requests[server.name]))
                step(None)
        rates = {name: [sample.requests_per_second for sample in of] for name, of in samples.items()}
        reasons = {server.name: reason for server in servers if (reason := why_not(server.name, case))}
        return Row(
            case.name,
            case.title,
            "µs",
            {name: [sample.cpu_microseconds for sample in of] for name, of in samples.items()},
            {"nginx": case.to_nginx, "go": case.to_go},
            more={"requests": requests, "requests_per_second": rates, "not_measured": reasons},
        )


def _rotated(of: list, number: int) -> list:
    first = number % len(of)
    return of[first:] + of[:first]


@contextmanager
def _progress(what: str) -> Iterator[Callable[[object], object]]:
    """Says what is done, with a dot for every step, through which what it made is passed."""

    def step(made: object) -> object:
        print(" .", end="", file=sys.stderr, flush=True)
        return made

    print(what, end="", file=sys.stderr, flush=True)
    try:
        yield step
    finally:
        print(file=sys.stderr)


def _stop(server: Server) -> None:
    if not server.is_running:
        raise VerificationError(f"{server.name} ended by itself, exit code {server.process.returncode}{server.log_tail()}")
    if server.stop() == -signal.SIGKILL:
        print(f"{server.name} did not stop when it was told to, and was killed", file=sys.stderr)
