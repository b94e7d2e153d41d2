# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The kinds of requests that are measured, and the costs that we set ourselves."""

from dataclasses import dataclass

SMALL, MODULE = "plugin.wasm.sha256", "plugin.wasm"
CLEARTEXT, TLS = ("h1", "h2c"), ("tls-h1", "tls-h2")


@dataclass(frozen=True)
class Target:
    """The most that we may cost, as a share of another or as an amount, and what we are after, if that is less."""

    must: float
    aim: float | None = None

    def verdict(self, value: float) -> str:
        if value > self.must:
            return "missed"
        return "met" if self.aim is None else "aim met" if value <= self.aim else "must met"


@dataclass(frozen=True)
class Case:
    """Requests for one file over one protocol, on connections that are kept alive or on a connection each.

    The targets are shares of the CPU time that the cheapest tuned nginx, and Go, take for a request.
    """

    protocol: str
    file: str
    has_connection_each: bool = False
    to_nginx: Target | None = None
    to_go: Target | None = None

    @property
    def name(self) -> str:
        size = "small" if self.file == SMALL else "module"
        return f"{self.protocol}-{size}{'-each' if self.has_connection_each else ''}"

    @property
    def title(self) -> str:
        protocol = self.protocol.replace("tls-", "TLS ")
        size = "small" if self.file == SMALL else "module"
        return f"{protocol} {size}{', each' if self.has_connection_each else ''}"

    @property
    def is_h2(self) -> bool:
        return "h2" in self.protocol

    @property
    def is_tls(self) -> bool:
        return self.protocol in TLS


GO = Target(0.65, 0.4)

CASES = [
    Case("h1", SMALL, False, Target(0.90, 0.70), GO),
    Case("h1", MODULE, False, Target(0.80, 0.65), Target(0.9, 0.75)),
    Case("h1", SMALL, True, Target(1.25, 1.05), GO),
    Case("h1", MODULE, True, Target(1.20, 1.0), GO),
    Case("h2c", SMALL, False, Target(1.2, 0.9), GO),
    Case("h2c", MODULE, False, Target(0.85, 0.65), GO),
    Case("h2c", SMALL, True),
    Case("h2c", MODULE, True, Target(1.0, 0.7), GO),
    Case("tls-h1", SMALL, False, Target(1.5, 1.0), GO),
    Case("tls-h1", MODULE, False, Target(0.6, 0.5), GO),
    Case("tls-h1", SMALL, True),
    Case("tls-h1", MODULE, True),
    Case("tls-h2", SMALL, False, Target(1.8, 1.0), GO),
    Case("tls-h2", MODULE, False, Target(0.7, 0.5), GO),
    Case("tls-h2", SMALL, True),
    Case("tls-h2", MODULE, True),
]
