# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""That every server serves the right bytes over every protocol, before any of it is measured."""

import subprocess

from verification.benchmarks.case import CLEARTEXT, MODULE, SMALL, TLS, Case
from verification.benchmarks.contestants import why_not
from verification.benchmarks.load import Loads
from verification.programs import VerificationError
from verification.server.process import Server
from verification.sources.module import digest_of

LIMIT = 10


def check_bytes(loads: Loads, server: Server, digest: str) -> None:
    """The module and its sha256; curl is nobody's peer here. Then our own client, which compares them, too."""
    expected = {MODULE: digest, SMALL: digest_of(f"{digest}\n".encode())}
    for case in (Case(protocol, file, has_connection_each=True) for protocol in (*CLEARTEXT, *TLS) for file in expected):
        if why_not(server.name, case):
            continue
        version = "--http1.1" if not case.is_h2 else "--http2" if case.is_tls else "--http2-prior-knowledge"
        command = ["curl", "--silent", "--show-error", "--fail", "--insecure", "--max-time", str(LIMIT), version]
        done = subprocess.run([*command, loads.url(server, case)], capture_output=True, check=False)
        body = done.stdout
        if (got := digest_of(body)) != expected[case.file]:
            wrong = f"{len(body)} bytes with sha256 {got}, not {expected[case.file]}"
            raise VerificationError(f"{server.name}: {case.title}: {wrong}{done.stderr.decode()}{server.log_tail()}")
        loads.run(server, case, 1)
