# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Compares our server with its peers and with the floor, in turn in one run, and prints a table of costs and targets.

1. Make a 4.3 MB module, the same bytes on every machine, a certificate, and the programs of Benchmarks/.
2. Start ours, nginx of Debian and of PyPI, each tuned with `sendfile` and with large buffers instead, Go's net/http, Caddy, and
   the floor: a bare loop in C. Check the bytes that each serves. For every case and round, load the servers one after the other, in
   rotating order, for about the same time; take the CPU time of each from the kernel. One request that fails ends the run.
3. Start our server a number of times and time it; take the memory of servers that are idle, that hold many idle connections, or
   that are met by a herd of clients who all fetch the module at once.
4. Print medians, and the ratios of each round to the cheapest nginx, to Go and to the floor: what disturbs the machine then
   disturbs all servers alike. `--json` writes every figure; `Scripts/verify bench-picture` draws them.

Exit code: 0 when everything was measured, also when a target was missed; 1 when it could not be; 64 for a wrong argument.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from verification.benchmarks import contestants, document, programs, report
from verification.benchmarks.case import CASES
from verification.benchmarks.contestants import Contest
from verification.benchmarks.load import Loads
from verification.benchmarks.measuring import Measuring
from verification.benchmarks.module import write_module
from verification.benchmarks.row import Row
from verification.command import Arguments, finish, raise_open_files
from verification.programs import output_of, program_path

NAME = "bench"
MEMORY = ["start", "idle", "connection-h1", "connection-h2c", "herd-h1", "herd-h2c"]
NEEDED = ("nginx", "h2load", "curl", "openssl")


def arguments() -> argparse.Namespace:
    parser = Arguments(NAME, "Compares our server with its peers and with the floor, in turn in one run, and prints ratios.")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds per case (default 9)")
    parser.add_argument(
        "--seconds", type=float, metavar="S", help="load per server, case and round (default 0.7; modules kept alive twice)"
    )
    parser.add_argument("--case", action="append", choices=[case.name for case in CASES] + MEMORY, help="only it; repeatable")
    parser.add_argument("--quick", action="store_true", help="2 rounds of 0.1 s, herds of 200: does it work at all?")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample and ratio to FILE")
    given = parser.given()
    given.rounds = (2 if given.quick else 9) if given.rounds is None else given.rounds
    given.seconds = (0.1 if given.quick else 0.7) if given.seconds is None else given.seconds
    if not 1 <= given.rounds <= 100 or not 0.05 <= given.seconds <= 30:
        parser.error("--rounds takes 1 to 100, --seconds 0.05 to 30")
    if given.json and not given.json.absolute().parent.is_dir():
        parser.error(f"--json {given.json}: there is no such folder")
    return given


def measure_all(given: argparse.Namespace, work: Path) -> tuple[list[Row], dict[str, int]]:
    for program in NEEDED:
        program_path(program, "bench")
    work.chmod(0o755)  # nginx's workers run as another user when its master runs as root
    root = work / "root"
    root.mkdir()
    module, digest = write_module(root)
    sizes = {file.name: file.stat().st_size for file in root.iterdir()}
    print(f"module: {sizes[module.name]} bytes, sha256 {digest}", file=sys.stderr)
    contest = Contest.prepared(given.server, work, root)
    amounts = {"starts": 3, "clients": 200, "herds": 1} if given.quick else {"starts": 10, "clients": 1000, "herds": 3}
    loads = Loads(root, programs.compiled("client", work))
    measuring = Measuring(contest, loads, digest, given.rounds, given.seconds, **amounts)
    wanted = given.case or [case.name for case in CASES] + MEMORY
    rows = measuring.cases(case for case in CASES if case.name in wanted)
    if "start" in wanted:
        rows.append(measuring.starts_row())
    if "idle" in wanted:
        rows += measuring.idle_rows()
    rows += [measuring.connection_row(protocol) for protocol in ("h1", "h2c") if f"connection-{protocol}" in wanted]
    for protocol in ("h1", "h2c"):
        rows += measuring.herd_rows(protocol) if f"herd-{protocol}" in wanted else []
    return rows, sizes


def main() -> int:
    given = arguments()
    raise_open_files()
    versions = contestants.versions() | {"ours": output_of(given.server, "--version").strip()}
    with tempfile.TemporaryDirectory(prefix="wasm-server-bench-") as work:
        rows, sizes = measure_all(given, Path(work))
    about = document.machine()
    sending = f"{about['congestion_control']}, packets of {about['loopback_mtu']} bytes"
    print(f"\n{about['cores']} cores, kernel {about['kernel']}, {sending}, {given.rounds} rounds of about {given.seconds:g} s.")
    print(report.legend(versions))
    print(report.table(rows, versions), report.notes(rows), sep="\n")
    if given.json:
        figures = [document.of_row(row) for row in rows]
        how = {"bytes": sizes, "rounds": given.rounds, "seconds": given.seconds}
        document.write({"machine": about, "versions": versions, **how, "rows": figures}, given.json)
    return 0


if __name__ == "__main__":
    finish(NAME, main)
