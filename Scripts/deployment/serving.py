# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A server that runs while something is checked."""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

READY_LIMIT = 20.0


class Serving(NamedTuple):
    url: str
    process: subprocess.Popen


@contextmanager
def serving(server: Path, work: Path, *sources: object) -> Iterator[Serving]:
    """Serves on a free port, and is told by nothing but its flags."""
    log = work / "log"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WASM_SERVER_")}
    with log.open("wb") as output:
        flags = ["--host", "127.0.0.1", "--port", "0", "--operations-port", "0", "--log-format", "text", "--drain-delay", "0"]
        process = subprocess.Popen([server, "serve", *sources, *flags], stdout=output, stderr=output, env=environment)
    try:
        limit = time.monotonic() + READY_LIMIT
        while not (found := re.search(r"address=(\S+)[^\n]*listener=data|listener=data[^\n]*address=(\S+)", log.read_text())):
            if process.poll() is not None or time.monotonic() > limit:
                raise RuntimeError(f"the server did not start:\n{log.read_text()}")
            time.sleep(0.05)
        yield Serving(f"http://{next(group for group in found.groups() if group)}", process)
    finally:
        process.terminate()
        process.wait(10)
