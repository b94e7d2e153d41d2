# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What the commands begin and end with: their arguments, and what becomes of errors and signals."""

import argparse
import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from verification.programs import ROOT, VerificationError

DEBUG_SERVER = ROOT / ".build/debug/wasm-server"
EXIT_USAGE, EXIT_NO_INPUT = 64, 66
NICENESS = 5  # clients have machines of their own: here, servers and bystander come first


class Arguments(argparse.ArgumentParser):
    """Takes `--server`, and exits with 64 for a wrong argument."""

    def __init__(self, name: str, description: str, default_server: Path | None = None) -> None:
        super().__init__(prog=name, description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
        self.add_argument(
            "--server", type=Path, required=not default_server, default=default_server, metavar="PATH", help="the program"
        )

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(EXIT_USAGE, f"{self.prog}: {message}\n")

    def given(self) -> argparse.Namespace:
        given = self.parse_args()
        if not os.access(given.server, os.X_OK) or given.server.is_dir():
            if given.server == self.get_default("server"):
                self.exit(EXIT_NO_INPUT, f"{self.prog}: {given.server}: there is no such program; run swift build\n")
            self.error(f"--server {given.server} is not an executable file; build it with: make build")
        given.server = given.server.resolve()
        return given


def row_arguments(name: str, does: str, rows: Mapping[Any, str], metavar: str) -> Arguments:
    """Those of a command that runs a table of rows; the rows are told by what they are chosen by."""
    parser = Arguments(name, "\n  ".join([does, *rows.values()]))
    parser.add_argument("--quick", action="store_true", help="shorter and smaller: does it still hold?")
    parser.add_argument(
        "--row", type=type(next(iter(rows))), action="append", choices=list(rows), metavar=metavar, help="only it; repeatable"
    )
    return parser


def raise_open_files() -> None:
    """Lets this process, and what it starts, open as many files as it may."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def yield_to_servers() -> None:
    """Lets this process open many connections, and the servers go first."""
    raise_open_files()
    os.nice(NICENESS)


def finish(name: str, command: Callable[[], int]) -> NoReturn:
    """Exits with what a command returns; SIGTERM and SIGINT have it stop its servers first."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        sys.exit(command())
    except VerificationError as error:
        sys.exit(f"{name}: {error}")
    except KeyboardInterrupt:
        sys.exit(f"\n{name}: interrupted")
