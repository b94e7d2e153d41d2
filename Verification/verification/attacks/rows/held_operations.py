# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Rows 47 and 74, a port of operations that others hold: the kubelet's probe has a second; pages that nobody takes cost little."""

import socket
import time
from contextlib import suppress

from verification.attacks.fixture import AttackFixture, row
from verification.clients import http1, http2, sockets
from verification.server.process import WasmServer
from verification.sources.module import put_many
from verification.threads import PeriodicThread, ThreadGroup

CONNECTIONS, ATTACKERS = 200, 4
PROBES, LIMIT = 20, 1.0
HEAD = http1.request("/metrics")[:-2]
FORMS = {
    "silent": (b"", b""),
    "trickled heads": (HEAD, b"a: b\r\n"),
    "answers that are not read": (HEAD + b"\r\n", HEAD + b"\r\n"),
    "HTTP/2": (http2.PREFACE + http2.settings({}), b""),
}
MODULES, SMALL = 3000, 100
HELD, PAUSE = 60, 0.2
MOST_MEMORY = 80.0  # 16 MiB of pages, two more, and what writing one takes


class Holder(PeriodicThread):
    """Holds as many connections as it can, and makes each anew that is ended."""

    def __init__(self, port: int, opening: bytes, piece: bytes) -> None:
        super().__init__(self._hold, interval=0.2)
        self._port, self._opening, self._piece = port, opening, piece
        self._held: list[socket.socket] = []

    def run(self) -> None:
        super().run()
        sockets.close_all(self._held)

    def _hold(self) -> None:
        with suppress(OSError):
            while len(self._held) < CONNECTIONS // ATTACKERS:
                self._held.append(sockets.ask(self._port, self._opening, reads=False))
                self._held[-1].setblocking(False)
        for end in list(self._held):
            try:
                if self._piece:
                    end.send(self._piece)
                elif end.recv(1) == b"":
                    raise ConnectionError
            except BlockingIOError:
                continue
            except OSError:
                end.close()
                self._held.remove(end)


@row(47, "Held probes", "probes answered ≤ 1 s whoever holds their port")
def hold_probes(fixture: AttackFixture) -> None:
    """Probes are answered beside connections of all forms."""
    port = fixture.server.ports["operations"]
    for form, (opening, piece) in FORMS.items():
        with ThreadGroup(Holder(port, opening, piece) for _ in range(ATTACKERS)):
            time.sleep(2.0)
            times = []
            for _ in range(PROBES):
                begin = time.monotonic()
                is_well = http1.succeeds(port, "/livez", limit=LIMIT)
                times.append(time.monotonic() - begin if is_well else LIMIT * 2)
                time.sleep(0.1)
        good = sum(seconds <= LIMIT for seconds in times)
        fixture.report(f"{form}: {good}/{PROBES} probes in time, the slowest in {max(times):.2f} s")
        fixture.require(good == PROBES, f"{PROBES - good} probes beside {form} were not answered within {LIMIT:.0f} s")


@row(74, "Held pages", "3,000 modules: ≤ 80 MB for metrics that nobody takes")
def hold_pages(fixture: AttackFixture) -> None:
    """Pages of metrics of thousands of modules, each asked for by itself and taken by nobody."""
    folder = fixture.work / "many"
    put_many(folder, MODULES, SMALL)
    with WasmServer(fixture.binary, [folder]) as server:
        operations = server.ports["operations"]
        page = http1.get(operations, "/metrics")
        before, most, ends = server.anon(), 0.0, []
        for _ in range(HELD):
            ends.append(sockets.ask(operations, http1.request("/metrics"), reads=False, source=sockets.LOOPBACK))
            time.sleep(PAUSE)
            most = max(most, server.anon() - before)
        sockets.close_all(ends)
        again = http1.status_of(http1.get(operations, "/metrics"))
    size = len(page.body) if page else 0
    fixture.report(f"{HELD} pages of {size / 1e6:.1f} MB that nobody takes: {most:+.0f} MB")
    fixture.require(most <= MOST_MEMORY, f"{most:.0f} MB for pages that nobody takes")
    fixture.require(again == 200, "there are no metrics any more")
