# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A name server that plays a headless Service, and a cache in front of it for whoever has one."""

import ipaddress
import socket
import struct
import time
from collections.abc import Iterable
from contextlib import suppress

from verification.threads import PeriodicThread

A, AAAA = 1, 28
NOERROR, NXDOMAIN = 0, 3
POLL = 0.2  # seconds


class NameServer(PeriodicThread):
    """Answers a name, or every name, with the addresses of the Service (RFC 1035), or as a row wants it to."""

    def __init__(self, host: str, addresses: Iterable[str] = (), name: str | None = None) -> None:
        super().__init__(self._serve)
        self.addresses = list(addresses)
        self.code = NOERROR
        self.cached: dict[str, list[str]] = {}  # what a client's cache still says
        self.silent: set[str] = set()  # whose queries are lost
        self.ttl = 0.0  # seconds for which each client's cache keeps an answer
        self._host, self._known = host, name  # another name does not exist
        self._retained: dict[str, tuple[float, list[str]]] = {}

    def start(self) -> None:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.bind((self._host, 53))
        self._socket.settimeout(POLL)
        super().start()

    def stop(self) -> None:
        super().stop()
        self._socket.close()

    def _serve(self) -> None:
        with suppress(OSError, IndexError, ValueError, struct.error):  # nothing came, or no query
            query, client = self._socket.recvfrom(512)
            if client[0] not in self.silent:
                self._socket.sendto(self._answer(query, client[0]), client)

    def _answer(self, query: bytes, client: str) -> bytes:
        end = query.index(b"\0", 12) + 5
        kind = struct.unpack(">H", query[end - 4 : end - 2])[0]
        code = self.code if self._known in (None, _name_in(query)) else NXDOMAIN
        addresses = self.cached.get(client, self._cached(client)) if code == NOERROR else []
        found = [ipaddress.ip_address(address).packed for address in addresses]
        records = [packed for packed in found if len(packed) == {A: 4, AAAA: 16}.get(kind)]
        head = query[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, len(records), 0, 0)
        body = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 0, len(packed)) + packed for packed in records)
        return head + query[12:end] + body

    def _cached(self, client: str) -> list[str]:
        """The addresses as they were when the client's cache asked for them last."""
        now = time.monotonic()
        since, addresses = self._retained.get(client, (now - self.ttl, self.addresses))
        if now - since >= self.ttl:
            since, addresses = now, self.addresses
            self._retained[client] = since, addresses
        return addresses


def _name_in(query: bytes) -> str:
    labels, place = [], 12
    while size := query[place]:
        labels.append(query[place + 1 : place + 1 + size].decode())
        place += size + 1
    return ".".join(labels)
