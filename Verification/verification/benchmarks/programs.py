# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The programs of ours that a benchmark builds, out of Benchmarks/, and those that PyPI brings."""

import os
import shutil
from pathlib import Path

from verification.programs import ROOT, TOOLS, VerificationError, output_of

SOURCES = ROOT / "Benchmarks"
FLAGS = {"floor": ["-pthread"], "client": ["-lssl", "-lcrypto"], "sigsuspend": ["-shared", "-fPIC"]}
INSTALL = "install it with: Scripts/install-tools bench"


def compiled(name: str, folder: Path) -> Path:
    """A program, or what is preloaded into one, of one file in C."""
    compiler = shutil.which("cc") or shutil.which("clang")
    if compiler is None:
        raise VerificationError(f"there is no C compiler; {INSTALL}")
    output_of(compiler, "-O2", "-o", folder / name, SOURCES / f"{name}.c", *FLAGS[name])
    return folder / name


def go_peer(folder: Path) -> Path:
    """The server in Go; nothing is downloaded, and what it is built of is kept for the next time."""
    go = from_wheel("go/bin/go")
    settings = {"GOTOOLCHAIN": "local", "GOPROXY": "off", "GOFLAGS": "-mod=mod", "CGO_ENABLED": "0", "GOENV": "off"}
    places = {"GOROOT": go.parents[1], "GOCACHE": TOOLS / "go-cache", "GOPATH": folder / "go", "HOME": folder}
    environment = os.environ | settings | {name: str(path) for name, path in places.items()}
    output_of(go, "build", "-trimpath", "-o", folder / "peer", SOURCES / "peer.go", env=environment, cwd=folder)
    return folder / "peer"


def from_wheel(pattern: str) -> Path:
    """A program of a package of Verification/requirements/bench.txt, by its path below site-packages or bin."""
    for place in ("lib/python*/site-packages", "bin"):
        for path in (TOOLS / "bench").glob(f"{place}/{pattern}"):
            path.chmod(path.stat().st_mode | 0o111)
            return path
    raise VerificationError(f"{pattern} is missing; {INSTALL}")
