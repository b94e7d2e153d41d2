# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A reader's terminals: one in which a page's commands are typed, and one for each server that a page starts."""

import os
import re
import select
import subprocess
import time
from contextlib import AbstractContextManager
from pathlib import Path
from shlex import quote

from verification.programs import kill_group, start
from verification.threads import seconds_until

READY = re.compile(rb"\bready\b|serving, but not ready|starting workers|listening on")
READY_LIMIT = 30.0
BLOCK_LIMIT = 60.0


class CommandFailed(Exception):
    """A block did not do what the page says."""


class Terminal(AbstractContextManager):
    """One shell: directory and variables stay from block to block, and the first command that fails ends it."""

    def __init__(self, work: Path, environment: dict[str, str]) -> None:
        self._notes = Path(environment["HOME"])
        self._environment = environment
        self._count = 0
        self._servers: list[subprocess.Popen] = []
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self._shell = start("bash", "--noprofile", "--norc", cwd=work, env=environment, **streams)
        self._type("set -euo pipefail")

    def run(self, text: str, code: int = 0) -> str:
        """Runs a block; returns what it printed, on either stream."""
        script, output = self._note(text)
        # What is to fail gets a shell of its own, so that this one goes on.
        quoted = quote(str(script))
        command = f"source {quoted}" if code == 0 else f"(set +e; bash -euo pipefail {quoted}; exit $(($? != {code})))"
        self._type(f"{command} >{quote(str(output))} 2>&1 </dev/null; echo done")
        if not self._is_done():
            raise CommandFailed(f"it failed, or did not end with {code}:\n{output.read_text()}")
        return output.read_text(errors="replace")

    def serve(self, text: str) -> None:
        """Starts a server in the directory and with the variables of this moment, and waits until it is ready."""
        script, output = self._note(text)
        state = script.with_suffix(".state")
        self._type(f"{{ export -p; printf 'cd %q\\n' \"$PWD\"; }} >{quote(str(state))}; echo done")
        if not self._is_done():
            raise CommandFailed("the terminal has ended")
        command = f"set -eu; source {quote(str(state))}; source {quote(str(script))}"
        with output.open("wb") as log:
            server = start("bash", "-c", command, env={**self._environment, "IN_SERVER_BLOCK": "1"}, stdout=log, stderr=log)
        self._servers.append(server)
        seconds_until(lambda: READY.search(output.read_bytes()) or server.poll() is not None, READY_LIMIT)
        if not READY.search(output.read_bytes()):
            raise CommandFailed(f"the server did not become ready:\n{output.read_text(errors='replace')}")

    def stop_servers(self) -> None:
        for server in self._servers:
            kill_group(server)
        self._servers = []

    def __exit__(self, *_: object) -> None:
        self.stop_servers()
        kill_group(self._shell)

    def _note(self, text: str) -> tuple[Path, Path]:
        self._count += 1
        script = self._notes / f"{self._count}.sh"
        script.write_text(text + "\n")
        return script, script.with_suffix(".out")

    def _type(self, line: str) -> None:
        try:
            self._shell.stdin.write(f"{line}\n".encode())
            self._shell.stdin.flush()
        except BrokenPipeError:
            pass  # the shell has ended, and is about to be asked whether it is done

    def _is_done(self) -> bool:
        limit = time.monotonic() + BLOCK_LIMIT
        descriptor = self._shell.stdout.fileno()
        while (rest := limit - time.monotonic()) > 0 and select.select([descriptor], [], [], rest)[0]:
            said = os.read(descriptor, 4096)
            if b"done" in said:
                return True
            if not said:
                return False
        return False
