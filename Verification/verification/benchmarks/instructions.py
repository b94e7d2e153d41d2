# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Counts the instructions that our server executes for a request, with callgrind, so that a noisy machine hides nothing.

1. Start the server under callgrind, with the module of the benchmarks and its access log on, and wait until it has nothing to do.
2. For every case, load it with few requests and with more, and have callgrind say each time what was executed meanwhile; of several
   times the least counts.
3. Print the difference for each request more: what a load costs that has no requests drops out.

It counts what the server does itself, not what the kernel does for it. Threads run one at a time, so the connections of a load are
served more together than they would be. Exit code: 0; 1 when it could not be measured; 64 for a wrong argument.
"""

import argparse
import json
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from verification.benchmarks import programs
from verification.benchmarks.case import CASES, CLEARTEXT, MODULE, Case
from verification.benchmarks.load import Loads, LoggingServer
from verification.benchmarks.module import write_module
from verification.command import Arguments, finish
from verification.programs import VerificationError, output_of, program_path
from verification.report import aligned

NAME = "instructions"
COUNTS = {True: (20, 100), False: (100, 600)}  # of requests, for modules and for what is small
WARM_UP = 20
TIMES = 3
QUIET = 1_000_000  # instructions in a second of a server that only looks at its sources
QUIET_LIMIT = 60  # seconds
TOTAL = re.compile(r"(?m)^(?:totals|summary): (\d+)")


def arguments() -> argparse.Namespace:
    parser = Arguments(NAME, "Counts the instructions that our server executes for a request, with callgrind.")
    cases = [case.name for case in CASES if case.protocol in CLEARTEXT]
    parser.add_argument("--case", action="append", choices=cases, help="only this case; repeatable")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    parser.add_argument("--profile", type=Path, metavar="FOLDER", help="keep what callgrind wrote; names need a build with symbols")
    return parser.given()


class Callgrind:
    """Our server under callgrind."""

    def __init__(self, server: LoggingServer, folder: Path) -> None:
        self._server, self._folder, self._dumps = server, folder, 0

    @classmethod
    @contextmanager
    def started(cls, binary: Path, module: Path, folder: Path) -> Iterator["Callgrind"]:
        stripped = folder / "wasm-server"  # valgrind's reader gives up on what Swift's compiler says for debuggers
        output_of(program_path("strip", "bench"), "--strip-debug", "-o", stripped, binary)
        preload = ("env", f"LD_PRELOAD={programs.compiled('sigsuspend', folder)}")
        valgrind = (program_path("valgrind", "bench"), "--quiet", "--tool=callgrind", f"--callgrind-out-file={folder}/profile")
        with LoggingServer(stripped, module, wrapper=(*preload, *valgrind)) as server:
            yield cls(server, folder)

    def await_quiet(self) -> None:
        """What is done after the start, once, is nobody's request."""
        for _ in range(QUIET_LIMIT):
            self._executed_since()
            time.sleep(1)
            if self._executed_since() < QUIET:
                return
        raise VerificationError(f"the server was still busy after {QUIET_LIMIT} s")

    def executed(self, loads: Loads, case: Case, requests: int) -> int:
        """How many instructions so many requests took."""
        self._executed_since()
        loads.run(self._server, case, requests)
        return self._executed_since()

    def _executed_since(self) -> int:
        """Has callgrind write what was executed since the last time."""
        output_of(program_path("callgrind_control", "bench"), "--dump", self._server.pid)
        self._dumps += 1
        file = self._folder / f"profile.{self._dumps}"
        if not file.exists():
            raise VerificationError(f"callgrind wrote no {file.name}{self._server.log_tail()}")
        if not (total := TOTAL.search(file.read_text())):
            raise VerificationError(f"{file} says no total")
        return int(total[1])


def count(given: argparse.Namespace, work: Path) -> dict[Case, int]:
    folder = work / "root"
    folder.mkdir()
    module, _ = write_module(folder)
    profiles = given.profile or work
    profiles.mkdir(parents=True, exist_ok=True)
    loads = Loads(folder, programs.compiled("client", work))
    counted = {}
    with Callgrind.started(given.server, module, profiles) as callgrind:
        callgrind.await_quiet()
        for case in (case for case in CASES if case.name in given.case or (not given.case and case.protocol in CLEARTEXT)):
            print(case.title, file=sys.stderr, flush=True)
            few, many = COUNTS[case.file == MODULE]
            callgrind.executed(loads, case, WARM_UP)
            least = [min(callgrind.executed(loads, case, requests) for _ in range(TIMES)) for requests in (few, many)]
            counted[case] = round((least[1] - least[0]) / (many - few))
    return counted


def main() -> int:
    given = arguments()
    given.case = given.case or []
    with tempfile.TemporaryDirectory(prefix="wasm-server-instructions-") as work:
        counted = count(given, Path(work))
    print(aligned(["Instructions per request", "ours"], [[case.title, f"{number:,}"] for case, number in counted.items()]))
    if given.json:
        given.json.write_text(json.dumps({case.name: number for case, number in counted.items()}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    finish(NAME, main)
