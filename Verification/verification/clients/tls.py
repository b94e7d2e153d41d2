# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Certificates for servers and clients, and TLS connections of clients."""

import datetime
import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme

from verification.clients import sockets

NAME = "localhost"


@dataclass(frozen=True)
class Pair:
    """Files of a certificate and its key."""

    certificate: Path
    key: Path

    @classmethod
    def at(cls, folder: Path) -> "Pair":
        """By the names that they have in a Secret."""
        return cls(folder / "tls.crt", folder / "tls.key")

    @classmethod
    def written(cls, leaf: trustme.LeafCert, folder: Path) -> "Pair":
        folder.mkdir(parents=True, exist_ok=True)
        pair = cls.at(folder)
        pair.certificate.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
        pair.key.write_bytes(leaf.private_key_pem.bytes())
        return pair

    def flags(self, port: int = 0, **more: object) -> list[str]:
        """What a server is told so as to use it; `more` are other flags for TLS, such as `client_ca`."""
        files = {"certificate": self.certificate, "key": self.key, **more, "port": port}
        return [word for name, value in files.items() for word in (f"--tls-{name.replace('_', '-')}", str(value))]


class Authority:
    """A CA of its own, which is valid at the given names."""

    def __init__(self, authority: trustme.CA, bundle: Path, names: tuple[str, ...]) -> None:
        self.bundle, self._authority, self._names = bundle, authority, names

    @classmethod
    def at(cls, folder: Path, *names: str) -> "Authority":
        """The CA that is kept there, made if there is none yet; servers' certificates have these names."""
        certificate, key = folder / "ca.crt", folder / "ca.key"
        names = names or (NAME, "127.0.0.1")
        if certificate.exists():
            return cls(trustme.CA.from_pem(certificate.read_bytes(), key.read_bytes()), certificate, names)
        folder.mkdir(parents=True)
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(certificate))
        authority.private_key_pem.write_to_path(str(key))
        return cls(authority, certificate, names)

    def issue(self, *names: str, expired: bool = False, early: bool = False) -> trustme.LeafCert:
        now, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
        if expired:
            return self._authority.issue_cert(*names, not_before=now - 10 * day, not_after=now - day)
        if early:
            return self._authority.issue_cert(*names, not_before=now + day, not_after=now + 10 * day)
        return self._authority.issue_cert(*names)

    def server_pair(self, folder: Path) -> Pair:
        return Pair.written(self.issue(*self._names), folder)

    def trusts(self, client: trustme.LeafCert | None = None) -> ssl.SSLContext:
        """A client's context that believes this CA, and shows a certificate if it has one."""
        context = ssl.create_default_context()
        self._authority.configure_trust(context)
        if client:
            client.configure_cert(context)
        return context


def trusts_anybody() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def port_flags(work: Path) -> list[str]:
    """A TLS port beside the plain one."""
    return Authority.at(work / "authority").server_pair(work / "tls").flags()


def connect(port: int, context: ssl.SSLContext) -> ssl.SSLSocket:
    return context.wrap_socket(sockets.connect(port), server_hostname=NAME)
