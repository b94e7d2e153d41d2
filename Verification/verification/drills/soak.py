# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Loads a release build moderately for a long time, while its modules change, and says whether it stays as it is.

1. Start the server with two modules, a plain port and one of TLS.
2. Clients over HTTP/1.1 and HTTP/2, plain and over TLS, read what is announced and fetch it, by digest and by name, and look
   whether every body is what it should be. Meanwhile the modules are replaced every few seconds, and the server is told to look.
3. Sample its anonymous memory and its descriptors; the first part of the time is for warming up.
4. Nothing may have failed, a line through the memory may not rise by more than 1 MB an hour, and descriptors must be flat, and come
   back when the clients have gone.

Exit code: 0 when all of that held; 1 when it did not, or could not be found out; 64 for a wrong argument.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from verification.clients import tls
from verification.clients.sessions import PROTOCOLS, HTTP1Session, HTTP2Session
from verification.command import Arguments, finish, yield_to_servers
from verification.drills.readers import Connect, Reader, plain
from verification.fixture import Fixture, summarize
from verification.programs import VerificationError
from verification.server import kernel
from verification.server.process import WasmServer
from verification.sources.module import Module
from verification.threads import PeriodicThread, ThreadGroup

NAME = "soak"
SIZES = {"plugin": 4_300_000, "small": 200_000}
READERS = 2  # of each protocol
PAUSE = 0.15  # of a reader, before it reads the next
REPLACED = 4.0  # seconds between two replacements
RETAIN = 15  # seconds for which the server keeps what was replaced
SAMPLED = 1.0
WARM_UP = 0.2  # of the time
PARTS = 6  # of the samples, which tell whether what rises comes to rest
MOST_SLOPE = 1.0  # MB an hour
NOISE = 0.25  # MB by which the line may rise however short the time is
MOST_DESCRIPTORS = 3  # more at the end than at the beginning, as some are of what is just being replaced
SETTLED = RETAIN + 30.0


@dataclass
class Samples:
    """The server's memory in MB and its descriptors, with when that was."""

    server: WasmServer
    seconds: list[float] = field(default_factory=list)
    anon: list[float] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)

    def take(self) -> None:
        try:
            anon, descriptors = self.server.anon(), kernel.descriptors(self.server.pid)
        except (OSError, KeyError):
            return  # it has ended, which the end of the soak says
        self.seconds.append(time.monotonic())
        self.anon.append(anon)
        self.descriptors.append(descriptors)

    @property
    def slope(self) -> float:
        """Megabytes an hour, of the line with the least squares."""
        return statistics.linear_regression(self.seconds, self.anon).slope * 3600

    @property
    def hours(self) -> float:
        return (self.seconds[-1] - self.seconds[0]) / 3600

    def parts(self, of: list[float]) -> list[float]:
        """The medians of parts of the time."""
        size = max(1, len(of) // PARTS)
        return [statistics.median(of[begin : begin + size]) for begin in range(0, size * PARTS, size)]


class Replacing(PeriodicThread):
    """Replaces the modules in turn; `versions` are the digests of all that was ever written under each name."""

    def __init__(self, folder: Path) -> None:
        super().__init__(self.replace, REPLACED)
        self.versions: dict[str, set[str]] = {name: set() for name in SIZES}
        self.count = 0
        self.server: WasmServer | None = None
        self._folder = folder
        for _ in SIZES:
            self.replace()

    def replace(self) -> None:
        name = list(SIZES)[self.count % len(SIZES)]
        self.count += 1
        module = Module.of(self.count, SIZES[name])
        self.versions[name].add(module.digest)
        module.replace(self._folder / f"{name}.wasm")
        if self.server:
            self.server.reload()


def soak(fixture: Fixture, minutes: float) -> None:
    replacing = Replacing(fixture.work / "modules")
    authority = tls.Authority.at(fixture.work / "authority")
    flags = [*authority.server_pair(fixture.work / "tls").flags(), "--retain", f"{RETAIN}s"]
    with WasmServer(fixture.binary, [fixture.work / "modules"], *flags) as server:
        replacing.server = server
        before = kernel.descriptors(server.pid)
        readers = [Reader(connect, replacing.versions, PAUSE) for connect in _connects(server, authority) for _ in range(READERS)]
        samples = Samples(server)
        with ThreadGroup([*readers, replacing]):
            _pass(server, 60 * minutes * WARM_UP, "warming up")
            with PeriodicThread(samples.take, SAMPLED):
                _pass(server, 60 * minutes * (1 - WARM_UP), "sampling")
        fixture.require(server.is_running, f"the server ended{server.log_tail()}")
        settled = fixture.await_until(lambda: kernel.descriptors(server.pid) <= before, SETTLED)
        fixture.require(settled is not None, f"{kernel.descriptors(server.pid)} descriptors are left, of {before} at first")
    _judge(fixture, samples, readers, replacing.count)


def _judge(fixture: Fixture, samples: Samples, readers: list[Reader], replaced: int) -> None:
    problems = sum((reader.problems for reader in readers), Counter())
    anon, descriptors = samples.parts(samples.anon), samples.parts(samples.descriptors)
    fixture.report(
        f"{sum(reader.bodies for reader in readers):,} fetches, {problems.total()} failed, slowest "
        f"{max(reader.slowest for reader in readers):.2f} s, {replaced} modules"
    )
    slope = f"slope {samples.slope:+.2f} MB/h over {samples.hours * 60:.1f} min"
    fixture.report(f"anonymous {', '.join(f'{each:.2f}' for each in anon)} MB, {slope}")
    fixture.report(f"descriptors {', '.join(f'{each:.0f}' for each in descriptors)}")
    fixture.require(not problems, f"{problems.most_common(5)}")
    fixture.require(all(reader.bodies for reader in readers), "a client fetched nothing")
    rise = samples.slope * samples.hours
    fixture.require(rise <= max(MOST_SLOPE * samples.hours, NOISE), f"memory rose by {rise:.2f} MB, {samples.slope:.2f} MB an hour")
    fixture.require(descriptors[-1] - descriptors[0] <= MOST_DESCRIPTORS, "descriptors became more")


def _connects(server: WasmServer, authority: tls.Authority) -> list[Connect]:
    """How clients connect: plain and over TLS, with HTTP/1.1 and HTTP/2."""
    one, two = authority.trusts(), authority.trusts()
    two.set_alpn_protocols(["h2"])
    return [
        *(plain(server.port, protocol) for protocol in PROTOCOLS),
        lambda: HTTP1Session(tls.connect(server.ports["tls"], one)),
        lambda: HTTP2Session(tls.connect(server.ports["tls"], two)),
    ]


def _pass(server: WasmServer, seconds: float, what: str) -> None:
    """Lets time pass; it is over at once if the server ends."""
    print(f"{what} for {seconds / 60:.1f} min", file=sys.stderr, flush=True)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not server.is_running:
            raise VerificationError(f"the server ended with {server.process.returncode}{server.log_tail()}")
        time.sleep(SAMPLED)


def arguments() -> argparse.Namespace:
    parser = Arguments(NAME, "Loads a release build for a long time, while its modules change: memory and descriptors stay flat.")
    parser.add_argument("--minutes", type=float, default=30.0, metavar="N", help="how long, 1 to 1440 (default 30)")
    given = parser.given()
    if not 1 <= given.minutes <= 1440:
        parser.error("--minutes takes 1 to 1440")
    return given


def main() -> int:
    given = arguments()
    yield_to_servers()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="wasm-server-soak-") as folder:
        fixture = Fixture(given.server, Path(folder), quick=False)
        fixture.run_row(lambda fixture: soak(fixture, given.minutes))
    expected = f"no failed fetch; memory rises by less than {MOST_SLOPE:g} MB/h; descriptors flat"
    print(fixture.line(NAME, f"expected: {expected}", time.monotonic() - begin), flush=True)
    return summarize([not fixture.failures])


if __name__ == "__main__":
    finish(NAME, main)
