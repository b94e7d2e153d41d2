# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The machine that a reader has: the ports of the pages are free, no network is there, and a fresh checkout lies at hand.

Network and mount namespaces make it; where this is not root, a user namespace too.
"""

import fcntl
import os
import shutil
import socket
import struct
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from verification.programs import ROOT, listed_files, output_of

INSIDE = "WASM_SERVER_DOCS_INSIDE"
SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1
HOSTS = "127.0.0.1 localhost registry.example.com\n::1 localhost\n"

# Where a page runs `make`, it is only asked what it would do; its last command is what starts a server.
MAKE = """#!/usr/bin/env bash
set -euo pipefail
commands=$({make} --no-print-directory -n "$@")
[[ -z ${{IN_SERVER_BLOCK-}} ]] || eval "$(tail -n 1 <<<"$commands")"
"""


def enter() -> None:
    """Goes on in namespaces of its own."""
    if os.environ.get(INSIDE) is None:
        flags = ["--net", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
        os.execvpe("unshare", ["unshare", *flags, sys.executable, *sys.orig_argv[1:]], {**os.environ, INSIDE: "1"})
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
    # Envoy keeps a file there, and starts no second one while it is there; nor another user's, after the first one was killed.
    output_of("mount", "-t", "tmpfs", "tmpfs", "/dev/shm")
    with tempfile.NamedTemporaryFile("w") as hosts:
        hosts.write(HOSTS)
        hosts.flush()
        os.chmod(hosts.name, 0o644)
        output_of("mount", "--bind", hosts.name, "/etc/hosts")


@contextmanager
def checkout(server: Path, tools: list[Path]) -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder with what the repository has, and the environment of a terminal in it."""
    with tempfile.TemporaryDirectory(prefix="wasm-server-docs-") as made:
        home, work = Path(made) / "home", Path(made) / "wasm-server"
        binaries = home / "bin"
        binaries.mkdir(parents=True)
        work.mkdir()
        (binaries / "wasm-server").symlink_to(server)
        stub = binaries / "make"
        stub.write_text(MAKE.format(make=shutil.which("make")))
        stub.chmod(0o755)
        for name in sorted({path.relative_to(ROOT).parts[0] for path in listed_files()}):
            (work / name).symlink_to(ROOT / name)
        (work / ".build" / "release").mkdir(parents=True)
        (work / ".build" / "release" / "wasm-server").symlink_to(server)
        if (ROOT / ".build" / "image").exists():
            (work / ".build" / "image").symlink_to(ROOT / ".build" / "image")
        path = [binaries, *(tool for tool in tools if tool.exists()), *map(Path, os.environ["PATH"].split(":"))]
        environment = {"HOME": str(home), "PATH": ":".join(map(str, path)), "LANG": "C.UTF-8", "TMPDIR": made}
        yield work, environment
