# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Many connections that are held open, and when the server cuts each."""

import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

from verification.clients import sockets, tls
from verification.server import kernel

TICK = 0.1
PERIOD = 1.0
LOOK_PERIOD = 0.5


@dataclass
class Held:
    """A connection that stalls in one way.

    `dribble` gives the bytes that are sent each second, by their number; `reads` says whether it takes what it is sent,
    `sips` how many bytes it takes each second. `begun` is when its deadline began to run; `cut` when it was cut.
    """

    form: str
    end: socket.socket
    dribble: Callable[[int], bytes] | None = None
    reads: bool = True
    sips: int = 0
    begun: float = 0.0
    cut: float | None = None
    is_accepted: bool = False

    @property
    def seconds(self) -> float | None:
        return None if self.cut is None else self.cut - self.begun


def hold(port: int, connections: list[Held], limit: float) -> None:
    """Holds them all until each is cut or the time is up, then closes them."""
    with selectors.DefaultSelector() as selector:
        for held in connections:
            held.begun = held.begun or time.monotonic()
            held.end.setblocking(False)
            if held.reads:
                selector.register(held.end, selectors.EVENT_READ, held)
        silent = [held for held in connections if not held.reads]
        begin, period, looks = time.monotonic(), 0, 0
        while any(held.cut is None for held in connections) and time.monotonic() - begin < limit:
            for key, _ in selector.select(TICK):
                if _is_cut(key.data):
                    selector.unregister(key.fileobj)
            if silent and time.monotonic() - begin >= looks * LOOK_PERIOD:
                _note_cuts(port, silent)
                looks += 1
            if time.monotonic() - begin >= period * PERIOD:
                _dribble(connections, period)
                period += 1
    sockets.close_all(held.end for held in connections)


def open_all(port: int, form: str, count: int, opening: bytes = b"", small: bool = False, **held: object) -> list[Held]:
    """Opens connections that stall after the same opening bytes; fewer if the server takes no more."""

    def stalling() -> Held:
        end = sockets.connect(port, receive_buffer=sockets.SMALL_BUFFER if small else None)
        begun = time.monotonic()
        end.sendall(opening)
        return Held(form, end, begun=begun, **held)

    return sockets.several(count, stalling)


def handshake_then(port: int, form: str, count: int, opening: bytes = b"") -> list[Held]:
    """Connections that stall after the handshake; their sockets are bare again, which suffices to see the end."""
    connections = []
    for _ in range(count):
        end = tls.connect(port, tls.trusts_anybody())
        if opening:
            end.sendall(opening)
        connections.append(Held(form, socket.socket(fileno=end.detach()), begun=time.monotonic()))
    return connections


def _is_cut(held: Held) -> bool:
    try:
        while chunk := held.end.recv(1 << 16):
            pass
    except BlockingIOError:
        return False
    except OSError:
        chunk = b""
    held.cut = held.cut or time.monotonic()
    return not chunk


def _note_cuts(port: int, silent: list[Held]) -> None:
    """A peer that does not read cannot see the end: whether the server still owns its socket can be seen."""
    owned = kernel.owned_connections(port)
    for held in silent:
        is_owned = held.end.getsockname() in owned
        held.is_accepted = held.is_accepted or is_owned
        if held.cut is None and held.is_accepted and not is_owned:
            held.cut = time.monotonic()


def _dribble(connections: list[Held], period: int) -> None:
    for held in connections:
        if held.cut is not None:
            continue
        try:
            if held.sips:
                held.end.recv(held.sips)
            if held.dribble and (piece := held.dribble(period)):
                held.end.send(piece)
        except BlockingIOError:
            pass
        except OSError:
            held.cut = time.monotonic()
