# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Certificates for the tests, and TLS connections of the attacker."""

import datetime
import socket
import ssl
import time
from dataclasses import dataclass
from pathlib import Path

import trustme

from harness import sockets
from harness.holding import Held
from harness.server import supports

NAME = "localhost"


@dataclass(frozen=True)
class Pair:
    """Files of a certificate and its key."""

    certificate: str
    key: str


class Authority:
    """A CA of its own."""

    def __init__(self, authority: trustme.CA) -> None:
        self._authority = authority

    @classmethod
    def at(cls, folder: Path) -> "Authority":
        """The CA that is kept there, made if there is none yet."""
        certificate, key = folder / "ca.crt", folder / "ca.key"
        if certificate.exists():
            return cls(trustme.CA.from_pem(certificate.read_bytes(), key.read_bytes()))
        folder.mkdir(parents=True)
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(certificate))
        authority.private_key_pem.write_to_path(str(key))
        return cls(authority)

    def issue(self, *names: str, expired: bool = False, early: bool = False) -> trustme.LeafCert:
        now, day = datetime.datetime.now(datetime.timezone.utc), datetime.timedelta(days=1)
        if expired:
            return self._authority.issue_cert(*names, not_before=now - 10 * day, not_after=now - day)
        if early:
            return self._authority.issue_cert(*names, not_before=now + day, not_after=now + 10 * day)
        return self._authority.issue_cert(*names)

    def server_pair(self, folder: Path) -> Pair:
        return write_pair(self.issue(NAME, "127.0.0.1"), folder)

    def trusts(self, client: trustme.LeafCert | None = None) -> ssl.SSLContext:
        """A client's context that believes this CA, and shows a certificate if it has one."""
        context = ssl.create_default_context()
        self._authority.configure_trust(context)
        if client:
            client.configure_cert(context)
        return context


def write_pair(leaf: trustme.LeafCert, folder: Path) -> Pair:
    folder.mkdir(parents=True, exist_ok=True)
    pair = Pair(str(folder / "tls.crt"), str(folder / "tls.key"))
    Path(pair.certificate).write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    leaf.private_key_pem.write_to_path(pair.key)
    return pair


def port_flags(binary: Path, work: Path) -> list[str]:
    """A TLS port beside the plain one, if the server can have one."""
    if not supports(binary, "--tls-certificate"):
        return []
    pair = Authority.at(work / "authority").server_pair(work / "tls")
    return ["--tls-certificate", pair.certificate, "--tls-key", pair.key, "--tls-port", "0"]


def connect(port: int, context: ssl.SSLContext) -> ssl.SSLSocket:
    return context.wrap_socket(sockets.connect(port), server_hostname=NAME)


def handshake_then(port: int, form: str, count: int, opening: bytes = b"") -> list[Held]:
    """Connections that stall after the handshake; their sockets are bare again, which suffices to see the end."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connections = []
    for _ in range(count):
        end = connect(port, context)
        if opening:
            end.sendall(opening)
        connections.append(Held(form, socket.socket(fileno=end.detach()), begun=time.monotonic()))
    return connections
