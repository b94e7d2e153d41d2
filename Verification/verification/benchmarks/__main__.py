# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Compares our server with nginx, in turn in one run, and prints ratios.

1. Make a 4.3 MB module, the same bytes on every machine.
2. Start our server a number of times and time it; then start ours, nginx tuned with `sendfile`, nginx tuned with large
   buffers instead, and nginx as the original configured it. Check the bytes that each serves; take their idle memory.
3. For every case and round, load the servers one after the other, in rotating order, for about the same time; take the
   CPU time of each from the kernel. One request that fails ends the run.
4. Print medians, also of the ratios of each round: what disturbs the machine then disturbs all servers alike.

Exit code: 0 when everything was measured, also when a target was missed; 1 when it could not be; 64 for a wrong argument.
"""

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from verification.benchmarks import report
from verification.benchmarks.load import CASES, Case, LoggingServer, check_bytes, measure, port_of, requests_for
from verification.benchmarks.module import write_module
from verification.command import Arguments, finish
from verification.programs import program_path, run
from verification.server import kernel
from verification.server.nginx import BUFFERED, SENDFILE, Nginx
from verification.server.process import Server, free_ports

NAME = "bench"
IDLE = 1.0
LEGEND = """Medians; ratios are of one round each: median (least–greatest).
ours: with its access log on · nginx: tuned, sendfile, no access log; the targets are set against it
buffered: the same with large buffers instead of sendfile · original: the predecessor's settings
"""


def arguments() -> argparse.Namespace:
    parser = Arguments(NAME, "Compares our server with nginx, in turn in one run, and prints ratios.")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds per case (default 5)")
    parser.add_argument("--seconds", type=float, metavar="S", help="load per server, case and round (default 2)")
    parser.add_argument("--case", action="append", choices=[c.name for c in CASES], help="only this case; repeatable")
    parser.add_argument("--quick", action="store_true", help="2 rounds of 0.3 s, 3 starts: does it work at all?")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample and ratio to FILE")
    given = parser.given()
    given.rounds = (2 if given.quick else 5) if given.rounds is None else given.rounds
    given.seconds = (0.3 if given.quick else 2.0) if given.seconds is None else given.seconds
    given.starts = 3 if given.quick else 10
    if not 1 <= given.rounds <= 100 or not 0.05 <= given.seconds <= 30:
        parser.error("--rounds takes 1 to 100, --seconds 0.05 to 30")
    if given.json and not given.json.absolute().parent.is_dir():
        parser.error(f"--json {given.json}: there is no such folder")
    return given


def measure_starts(binary: Path, module: Path, count: int) -> list[float]:
    """Milliseconds from exec to `ready`, after one start that only warms the page cache."""
    times = []
    for _ in range(count + 1):
        with LoggingServer(binary, module) as server:
            times.append(server.start_milliseconds)
    return times[1:]


def memory_of(servers: list[Server]) -> dict[str, dict[str, int]]:
    time.sleep(IDLE)
    return {server.name: kernel.memory_kib(server.members()) for server in servers}


def run_case(servers: list[Server], case: Case, size: int, rounds: int, seconds: float) -> report.Rounds:
    able = [server for server in servers if port_of(server, case.protocol)]
    print(case.name, end="", file=sys.stderr, flush=True)
    requests = {server.name: requests_for(server, case, size, seconds) for server in able}
    samples: report.Rounds = {server.name: [] for server in able}
    for number in range(rounds):
        first = number % len(able)
        for server in able[first:] + able[:first]:
            samples[server.name].append(measure(server, case, requests[server.name], size))
        print(" .", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return samples


def measure_all(given: argparse.Namespace, work: Path) -> dict:
    for program in ("nginx", "h2load", "nghttp"):
        program_path(program, "bench")
    work.chmod(0o755)  # nginx's workers run as another user when its master runs as root
    root = work / "root"
    root.mkdir()
    module, digest = write_module(root)
    sizes = {file.name: file.stat().st_size for file in root.iterdir()}
    print(f"module: {sizes['plugin.wasm']} bytes, sha256 {digest}", file=sys.stderr)
    starts = measure_starts(given.server, module, given.starts)
    with ExitStack() as stack:
        servers = []
        for start in (
            lambda: LoggingServer(given.server, module),
            lambda: Nginx.tuned("nginx", SENDFILE, work / "nginx", root),
            lambda: Nginx.tuned("buffered", BUFFERED, work / "buffered", root),
            lambda: Nginx.original(work / "original", root, free_ports(1)[0]),
        ):
            servers.append(stack.enter_context(start()))
            stack.callback(stop, servers[-1])
            check_bytes(servers[-1], digest)
        memory = {"idle": memory_of(servers)}
        wanted = [case for case in CASES if not given.case or case.name in given.case]
        results = {c: run_case(servers, c, sizes[c.file], given.rounds, given.seconds) for c in wanted}
        memory["after load"] = memory_of(servers)
        return {"results": results, "sizes": sizes, "memory": memory, "starts": starts, "log_lines": servers[0].log_lines}


def stop(server: Server) -> None:
    if server.stop() == -signal.SIGKILL:
        print(f"{server.name} did not stop when it was told to, and was killed", file=sys.stderr)


def machine() -> dict[str, str | int]:
    version = run(program_path("nginx", "bench"), "-v").stderr
    return {
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "architecture": platform.machine(),
        "nginx": version.strip().rpartition("/")[2],
    }


def print_report(measured: dict, given: argparse.Namespace) -> None:
    about = machine()
    print(f"\n{about['cores']} cores, nginx {about['nginx']}, {given.rounds} rounds of about {given.seconds:g} s.", LEGEND)
    print(report.cpu_table(measured["results"]), end="\n\n")
    print(report.rate_table(measured["results"], measured["sizes"]), end="\n\n")
    print(report.memory_table(measured["memory"]), end="\n\n")
    print(report.start_line(measured["starts"]))
    print(f"Log lines that ours wrote: {measured['log_lines']}")


def write_json(measured: dict, file: Path) -> None:
    cases = {
        case.name: {
            "target": case.target,
            "verdict": report.verdict(case, rounds) or None,
            "cpu_ratio": {o: asdict(report.cpu_ratio(rounds, o)) for o in rounds if o != "ours"},
            "rate_ratio": {o: asdict(report.rate_ratio(rounds, o)) for o in rounds if o != "ours"},
            "samples": {name: [asdict(sample) for sample in samples] for name, samples in rounds.items()},
        }
        for case, rounds in measured["results"].items()
    }
    document = {
        "machine": machine(),
        "bytes": measured["sizes"],
        "cases": cases,
        "memory_kib": measured["memory"],
        "start_milliseconds": measured["starts"],
        "log_lines": measured["log_lines"],
    }
    file.write_text(json.dumps(document, indent=2) + "\n")


def main() -> int:
    given = arguments()
    with tempfile.TemporaryDirectory(prefix="wasm-server-bench-") as work:
        measured = measure_all(given, Path(work))
    print_report(measured, given)
    if given.json:
        write_json(measured, given.json)
    return 0


if __name__ == "__main__":
    finish(NAME, main)
