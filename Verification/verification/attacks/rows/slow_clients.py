# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 10, clients that stall: each is cut at its deadline, and a slow but honest one is not."""

import csv
import subprocess
import time
from collections.abc import Callable

from verification.attacks.fixture import AttackFixture, row
from verification.attacks.held_connections import Held, handshake_then, hold, open_all
from verification.clients import http1, http2, tls
from verification.clients.http2 import INITIAL_WINDOW_SIZE, OPENING, PREFACE
from verification.programs import program_path
from verification.server import kernel

HANDSHAKE, REQUEST, KEEP_ALIVE, WRITE = 5.0, 10.0, 75.0, 20.0
SLACK = 1.0
# A stalled answer is noticed within a period; a kept-alive h2 connection ends with GOAWAY and a round trip.
LATEST = {WRITE: 30.0, KEEP_ALIVE: KEEP_ALIVE + 2 * SLACK}
SLOW_CONNECTIONS = 2000
TOOL_SECONDS = 40
FEW = 5  # the bystander's, and the tool's own probe
GET, GET_MODULE = http1.request("/health"), http1.request("/plugin.wasm")
SETTINGS = http2.settings({})
BEGUN = PREFACE + SETTINGS
BLOCK = http2.request_block("/health")
SMALL = http2.headers(1, BLOCK)
LONG = GET[:-2] + b"X: " + b"a" * 200
ZERO_WINDOW = PREFACE + http2.settings({INITIAL_WINDOW_SIZE: 0}) + http2.request(1)
CLIENT_HELLO = bytes.fromhex("16030101fe010001fa0303") + b"\x5a" * 120


def _letters(text: bytes) -> Callable[[int], bytes]:
    """One byte a second."""
    return lambda number: text[number : number + 1]


def _stalls(port: int, count: int) -> dict[float, list[Held]]:
    """Connections by the deadline that they should meet."""

    def opened(form: str, opening: bytes = b"", **held: object) -> list[Held]:
        return open_all(port, form, count, opening, **held)

    unread = {"small": True, "reads": False}
    continued = http2.raw(http2.CONTINUATION, http2.END_HEADERS, 3, BLOCK[10:])
    return {
        REQUEST: [
            *opened("silence"),
            *opened("h1 head, stopped", LONG),
            *opened("h1 head, dribbled", dribble=_letters(LONG)),
            *opened("CRLF, dribbled", dribble=lambda _: b"\r\n"),
            *opened("second h1 head, dribbled", GET, dribble=_letters(LONG)),
            *opened("h2 preface, stopped", PREFACE[:20]),
            *opened("h2 preface, dribbled", dribble=_letters(PREFACE)),
            *opened("h2 preface without SETTINGS", PREFACE),
            *opened("h2 without a request", BEGUN),
            *opened("h2 with PINGs only", BEGUN, dribble=lambda _: http2.raw(http2.PING, 0, 0, b"12345678")),
            *opened("HEADERS, stopped", BEGUN + SMALL[:20]),
            *opened("HEADERS, dribbled", BEGUN, dribble=_letters(SMALL)),
            *opened("CONTINUATION, none", BEGUN + http2.headers(1, BLOCK, http2.END_STREAM)),
            *opened(
                "second head, CONTINUATION dribbled",
                BEGUN + SMALL + http2.headers(3, BLOCK[:10], http2.END_STREAM),
                dribble=_letters(continued),
            ),
        ],
        WRITE: [
            *opened("h1, nothing read", GET_MODULE, **unread),
            *opened("h1, 400 B/s read", GET_MODULE, sips=400, **unread),
            *opened("h1, 200 requests, nothing read", GET_MODULE * 200, **unread),
            *opened("h2, window 0", ZERO_WINDOW),
            *opened("h2, 400 B/s of window", ZERO_WINDOW, dribble=lambda _: http2.window_update(1, 400)),
            *opened("h2, nothing read", OPENING + http2.request(1), **unread),
        ],
        KEEP_ALIVE: [*opened("h1, idle", GET), *opened("h2, idle", BEGUN + SMALL)],
    }


def _honest(port: int) -> list[Held]:
    """Slow readers above the floor of 16 KiB in 20 s; they must not be cut."""
    slow_window = PREFACE + http2.settings({INITIAL_WINDOW_SIZE: 4096}) + http2.request(1)
    more = http2.window_update(0, 4096) + http2.window_update(1, 4096)
    return [
        *open_all(port, "h1, 8 KiB/s read", 3, GET_MODULE, small=True, reads=False, sips=8192),
        *open_all(port, "h2, 4 KiB/s of window", 3, slow_window, dribble=lambda _: more),
    ]


@row(10, "Slow clients", "each cut at its deadline ± 1 s", flags=tls.port_flags)
def attack(fixture: AttackFixture) -> None:
    port, secure, count = fixture.port, fixture.server.ports["tls"], 5 if fixture.quick else 20
    stalls = _stalls(port, count)
    honest = _honest(port)
    stalls[HANDSHAKE] = [
        *open_all(secure, "TLS, silence", count),
        *open_all(secure, "TLS, half a ClientHello", count, CLIENT_HELLO[:60]),
        *open_all(secure, "TLS, ClientHello dribbled", count, dribble=_letters(CLIENT_HELLO)),
    ]
    stalls[REQUEST] += handshake_then(secure, "TLS, then silence", count)
    stalls[REQUEST] += handshake_then(secure, "TLS, then half a preface", count, PREFACE[:9])
    patience = LATEST[WRITE] + 15 if fixture.quick else KEEP_ALIVE + 10
    waiting = {deadline: held for deadline, held in stalls.items() if deadline < patience}
    hold(port, [held for connections in waiting.values() for held in connections] + honest, patience)
    for deadline, connections in waiting.items():
        _judge(fixture, deadline, connections)
    cut = {held.form for held in honest if held.cut is not None}
    fixture.require(not cut, f"slow but honest readers were cut: {', '.join(cut)}")
    if not fixture.quick:
        _slowhttptest(fixture, "-H", "-i", "1", "-x", "8")
        _slowhttptest(fixture, "-X", "-w", "1", "-y", "8", "-n", "5", "-z", "4")


def _judge(fixture: AttackFixture, deadline: float, connections: list[Held]) -> None:
    latest = LATEST.get(deadline, deadline + SLACK)
    figures = {}
    for form in dict.fromkeys(held.form for held in connections):
        seconds = [held.seconds for held in connections if held.form == form]
        cut = sorted(s for s in seconds if s is not None)
        are_all = len(cut) == len(seconds)
        figures[form] = f"{cut[0]:.1f}–{cut[-1]:.1f} s" if are_all else f"{len(cut)}/{len(seconds)} cut"
        on_time = are_all and deadline - SLACK <= cut[0] and cut[-1] <= latest
        fixture.require(on_time, f"{form}: {figures[form]}, not at {deadline:.0f} s")
    fixture.report_each(figures)


def _slowhttptest(fixture: AttackFixture, attack: str, *slow: str) -> None:
    """An independent tool: it must find the server available, and the server must be rid of all its connections.

    The tool does not notice that a connection is reset which it does not read, so the server's side is counted.
    """
    report, port = fixture.work / f"slow{attack}.csv", fixture.port
    load = f"-c {SLOW_CONNECTIONS} -r 1000 -l {TOOL_SECONDS} -p 2 -g -u http://127.0.0.1:{port}/plugin.wasm".split()
    command = [program_path("slowhttptest", "attack"), attack, *load, *slow, "-o", str(report.with_suffix(""))]
    begin, most, gone = time.monotonic(), 0, None
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as tool:
        while tool.poll() is None:
            held = len(kernel.owned_connections(port))
            most = max(most, held)
            if most > SLOW_CONNECTIONS // 2 and held <= FEW and gone is None:
                gone = time.monotonic() - begin
            time.sleep(0.5)
    if gone is None and time.monotonic() - begin < TOOL_SECONDS:
        gone = time.monotonic() - begin  # the tool ends early when it has no connection left
    rows = list(csv.DictReader(report.read_text().splitlines())) if report.exists() else []
    unavailable = sum(row["Service Available"] == "0" for row in rows)
    cut = "never" if gone is None else f"at {gone:.0f} s"
    fixture.report(f"slowhttptest {attack}: {most} at once, unavailable {unavailable} of {len(rows)} s, all cut {cut}")
    fixture.require(bool(rows), f"slowhttptest {attack} left no statistics")
    fixture.require(unavailable == 0, f"slowhttptest {attack}: the service was not available")
    fixture.require(gone is not None, f"slowhttptest {attack}: connections left at the end")
