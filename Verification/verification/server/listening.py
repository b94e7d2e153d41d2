# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Servers that are told their ports and are ready as soon as they listen."""

from pathlib import Path
from typing import Self

from verification.clients.sockets import LOOPBACK
from verification.programs import VerificationError
from verification.server.process import START_LIMIT, Server, is_listening
from verification.threads import seconds_until

TAIL = 5


class ListeningServer(Server):
    """A server with ports by name; what it says of errors goes into a file."""

    def __init__(self, name: str, command: list[object], ports: dict[str, int], errors: Path, host: str = LOOPBACK) -> None:
        self.name, self._errors = name, errors
        with errors.open("wb") as file:
            super().__init__(command, host, stderr=file)
        self.ports = ports

    def await_ready(self) -> Self:
        """Waits until it listens."""
        try:
            if seconds_until(self._is_listening, START_LIMIT) is None:
                raise VerificationError(f"{self.name} did not listen within {START_LIMIT:.0f} s{self.log_tail()}")
        except BaseException:
            self.kill()
            raise
        return self

    def _is_listening(self) -> bool:
        """On every port; it is an error if it has ended."""
        return bool(self.members()) and all(is_listening(self.host, port) for port in self.ports.values())

    def log_tail(self) -> str:
        lines = self._errors.read_text(errors="replace").splitlines() if self._errors.exists() else []
        return "".join(f"\n    {line}" for line in lines[-TAIL:])
