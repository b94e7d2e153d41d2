# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A peer that lists what it likes, and gives it."""

import socket
import threading
from collections.abc import Callable

from verification.clients.sockets import LOOPBACK, Closing
from verification.sources.module import Module, peer_listing

LIMIT = 10.0


class HostilePeer(Closing):
    """Answers `/modules` with a document, or with a list of its modules, and each digest with its bytes."""

    def __init__(self, port: int, modules: list[Module], document: Callable[[], bytes] | None = None) -> None:
        self.lists = self.fetches = 0
        self._document = document or (lambda: peer_listing(modules))
        self._modules = {module.path: module for module in modules}
        self._listener = socket.create_server((LOOPBACK, port))
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # or the thread that accepts holds it
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                end, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=[end], daemon=True).start()

    def _answer(self, end: socket.socket) -> None:
        with end:
            end.settimeout(LIMIT)
            try:
                target = end.recv(8192).split(b" ")[1].decode()
                end.sendall(self._response(target))
            except (OSError, IndexError, UnicodeDecodeError):
                return  # whoever hangs up has had enough

    def _response(self, target: str) -> bytes:
        if target == "/modules":
            self.lists += 1
            return _ok(self._document())
        module = self._modules.get(target)
        if module is None:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        self.fetches += 1
        return _ok(module.content)


def peer_flags(port: int, *more: str) -> list[str]:
    """What a server is told that searches this peer, and takes nothing over when it starts."""
    return ["--peers", f"{LOOPBACK}:{port}", "--adopt-timeout", "0", *more]


def _ok(content: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content) + content
