# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Sockets of clients, at addresses of their choice."""

import itertools
import select
import socket
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from typing import Any

LOOPBACK = "127.0.0.1"
CONNECT_LIMIT = 10.0
# One client could be limited to fewer connections than a row needs, so an attacker has many addresses.
ADDRESSES = itertools.cycle([f"127.0.{block}.{host}" for block in (1, 2) for host in range(1, 101)])
SMALL_BUFFER = 4096  # makes a slow reader


class Closing(AbstractContextManager):
    """What is closed when its `with` block ends."""

    def close(self) -> None:
        raise NotImplementedError

    def __exit__(self, *_: object) -> None:
        self.close()


def connect(
    port: int, receive_buffer: int | None = None, source: str | None = None, host: str = LOOPBACK, limit: float = CONNECT_LIMIT
) -> socket.socket:
    """A blocking connection to the server, from the next address or a given one."""
    end = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        if receive_buffer:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        end.settimeout(limit)
        if host.startswith("127."):
            end.bind((source or next(ADDRESSES), 0))
        end.connect((host, port))
    except OSError:
        end.close()
        raise
    return end


def ask(port: int, opening: bytes, reads: bool = True, **options: object) -> socket.socket:
    """A connection on which these bytes were sent; with a small buffer, if nobody `reads` what comes for them."""
    end = connect(port, receive_buffer=None if reads else SMALL_BUFFER, **options)
    end.sendall(opening)
    return end


def several(count: int, make: Callable[[], Any]) -> list[Any]:
    """So many connections, each made anew; fewer if the server takes no more."""
    ends = []
    for _ in range(count):
        with suppress(OSError):
            ends.append(make())
    return ends


def close_all(ends: Iterable) -> None:
    for end in ends:
        end.close()


def is_readable(end: socket.socket, seconds: float) -> bool:
    """Unlike select(2), poll(2) takes descriptors above 1023."""
    poller = select.poll()
    poller.register(end, select.POLLIN)
    return bool(poller.poll(seconds * 1000))


def read_until_quiet(end: socket.socket, quiet: float, limit: int = 64 << 20) -> tuple[bytes, bool]:
    """Everything that comes until nothing has come for so many seconds; and whether the peer has closed."""
    received = bytearray()
    while len(received) < limit and is_readable(end, quiet):
        try:
            chunk = end.recv(1 << 20)
        except ConnectionError:
            return bytes(received), True
        if not chunk:
            return bytes(received), True
        received += chunk
    return bytes(received), False
