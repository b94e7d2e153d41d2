# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Gateways that boot again and again, and ask one of the replicas for a digest and its module."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from verification.clients import sockets
from verification.clients.gateways import ENVOYS_OWN, Gateway, Retries
from verification.clients.sessions import PROTOCOLS, HTTP1Session, Session, SessionError
from verification.drills.rollout import ControlPlane, Endpoints
from verification.sources.module import digest_of

ANNOUNCEMENT = "/plugin.wasm.sha256"
TRY_LIMIT = 10.0  # seconds: Kuadrant's timeout
LONGEST_WAIT = 2.0  # from the announcement to the fetch
STALE_SHARE = 0.3  # of the boots take the digest that a control plane has kept


@dataclass(frozen=True)
class Layout:
    """How a server is asked: where it listens, by which protocols, the path of a digest's module, and how often."""

    port: int
    protocols: tuple[str, ...]
    path: Callable[[str], str]
    retries: Retries = ENVOYS_OWN


class BootingGateway(Gateway):
    """One that boots again as soon as it has its plugin, or has given up."""

    def __init__(self, layout: Layout, endpoints: Endpoints, control: ControlPlane) -> None:
        super().__init__(layout.retries)
        self._layout, self._endpoints, self._control = layout, endpoints, control

    def fetch(self) -> None:
        kept = self._control.kept_digest() if random.random() < STALE_SHARE else None
        digest = kept or self.attempt("announcement", lambda: announced_digest(self._layout.port, self._endpoints))
        if digest and not self.ended.wait(random.uniform(0, LONGEST_WAIT)):
            protocol = random.choice(self._layout.protocols)
            if self.attempt(protocol, lambda: self._fetch(protocol, digest)):
                self.tally.fetched[protocol] += 1
                self.tally.stale += kept is not None

    def _fetch(self, protocol: str, digest: str) -> str:
        body = get(PROTOCOLS[protocol], self._layout.port, self._endpoints, self._layout.path(digest))
        if digest_of(body) != digest:
            self.tally.mismatched += 1
            raise SessionError("another digest")
        return digest


def announced_digest(port: int, endpoints: Endpoints) -> str:
    """What one of the replicas announces."""
    return get(HTTP1Session, port, endpoints, ANNOUNCEMENT).decode(errors="replace").strip()


def get(kind: type[Session], port: int, endpoints: Endpoints, path: str) -> bytes:
    """What one of the replicas, chosen at random, has there; on a connection of its own."""
    addresses = endpoints.seen()
    if not addresses:
        raise SessionError("no endpoint")
    try:
        end = sockets.connect(port, host=random.choice(addresses), limit=TRY_LIMIT)
    except OSError as error:
        raise SessionError(f"connecting: {error!r}") from error
    with end:
        return kind(end).get(path)
