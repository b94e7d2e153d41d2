# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Programs that are started: where they are, what they print, and that they end with all that they started."""

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".build-tools"
SYSTEM_FOLDERS = ":/usr/sbin:/sbin"  # where only root looks


class VerificationError(Exception):
    """Something could not be verified, so nothing is known; the text says why."""


def run(*command: object, **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **more)


def output_of(*command: object, **more: object) -> str:
    """What a command prints that the rest depends on."""
    done = run(*command, **more)
    if done.returncode != 0:
        raise VerificationError(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Whoever interrupts twice must not keep what was begun from being removed; what is started in it isn't interrupted either."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def program_path(name: str, tools: str) -> str:
    """The path of a program, which one of the sets of Scripts/install-tools brings."""
    if path := shutil.which(name, path=os.environ.get("PATH", "") + SYSTEM_FOLDERS):
        return path
    raise VerificationError(f"{name} is missing; install it with: Scripts/install-tools {tools}")


def listed_files() -> list[Path]:
    """The files of the sources that are there."""
    paths = (ROOT / name for name in output_of(ROOT / "Scripts/list-files").splitlines())
    return [path for path in paths if path.is_file()]


def start(*command: object, **more: object) -> subprocess.Popen:
    """Starts a program with nothing to read, in a process group of its own, which `kill_group` ends."""
    options = {"stdin": subprocess.DEVNULL, "start_new_session": True, **more}
    return subprocess.Popen([str(word) for word in command], **options)


def kill_group(process: subprocess.Popen) -> None:
    """Kills the leader of a process group and its members; it is no error if they have ended."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
