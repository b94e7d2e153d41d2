# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What the commands begin with: the right Python, their arguments, and a process that may open many connections."""

import argparse
import os
import resource
import signal
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ENVIRONMENT = ROOT / ".build-tools" / "attack"
EXIT_USAGE = 64
NICENESS = 5  # clients have machines of their own: here, servers and bystander come first


def enter_environment() -> None:
    """Goes on in the Python that has the packages; what needs them can be imported only afterwards."""
    if Path(sys.prefix) == ENVIRONMENT:
        return
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        sys.exit("run: the Python packages are missing; install them with Scripts/install-attack-tools")
    os.execv(python, [str(python), *sys.argv])


class Arguments(argparse.ArgumentParser):
    """Those that every command takes; exits with 64 for a wrong one."""

    def __init__(self, description: str) -> None:
        super().__init__(description=description)
        self.add_argument("--server", type=Path, required=True, metavar="PATH", help="release build of our server")
        self.add_argument("--quick", action="store_true", help="shorter and smaller: does it still hold?")

    def error(self, message: str):
        self.print_usage(sys.stderr)
        self.exit(EXIT_USAGE, f"run: {message}\n")

    def given(self) -> argparse.Namespace:
        given = self.parse_args()
        if not os.access(given.server, os.X_OK) or given.server.is_dir():
            self.error(f"--server {given.server} is not an executable file; build it with: make build")
        given.server = given.server.resolve()
        return given


def prepare_process() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    os.nice(NICENESS)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the servers are stopped
