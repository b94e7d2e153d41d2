# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 10, clients that stall: each is cut at its deadline, and a slow but honest one is not."""

import csv
import subprocess
import time
from pathlib import Path

from harness import http2, kernel
from harness.holding import Held, hold, open_all
from harness.scene import Row, Scene
from harness.tls import handshake_then, port_flags

HANDSHAKE, REQUEST, KEEP_ALIVE, WRITE = 5.0, 10.0, 75.0, 20.0
SLACK = 1.0
# A stalled answer is noticed within a period; a kept-alive h2 connection ends with GOAWAY and a round trip.
LATEST = {WRITE: 30.0, KEEP_ALIVE: KEEP_ALIVE + 2 * SLACK}
SLOW_CONNECTIONS = 2000
TOOL_SECONDS = 40
FEW = 5  # the bystander's, and the tool's own probe
GET = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
GET_MODULE = b"GET /plugin.wasm HTTP/1.1\r\nHost: a\r\n\r\n"
SETTINGS = http2.raw(4, 0, 0)
SMALL = http2.request(1, "/health").serialize()
BLOCK = http2.request_block("/health")
LONG = GET[:-2] + b"X: " + b"a" * 200
LARGE = (1 << 31) - 1
ZERO_WINDOW = http2.PREFACE + http2.raw(4, 0, 0, b"\0\x04\0\0\0\0") + http2.request(1).serialize()
CLIENT_HELLO = bytes.fromhex("16030101fe010001fa0303") + b"\x5a" * 120


def _letters(text: bytes):
    """One byte a second."""
    return lambda number: text[number : number + 1]


def _stalls(port: int, count: int) -> dict[float, list[Held]]:
    """Connections by the deadline that they should meet."""

    def opened(form: str, opening: bytes = b"", **held) -> list[Held]:
        return open_all(port, form, count, opening, **held)

    header = http2.raw(1, 0x5, 1, BLOCK)
    return {
        REQUEST: [
            *opened("silence"),
            *opened("h1 head, stopped", LONG),
            *opened("h1 head, dribbled", dribble=_letters(LONG)),
            *opened("CRLF, dribbled", dribble=lambda _: b"\r\n"),
            *opened("second h1 head, dribbled", GET, dribble=_letters(LONG)),
            *opened("h2 preface, stopped", http2.PREFACE[:20]),
            *opened("h2 preface, dribbled", dribble=_letters(http2.PREFACE)),
            *opened("h2 preface without SETTINGS", http2.PREFACE),
            *opened("h2 without a request", http2.PREFACE + SETTINGS),
            *opened("h2 with PINGs only", http2.PREFACE + SETTINGS, dribble=lambda _: http2.raw(6, 0, 0, b"12345678")),
            *opened("HEADERS, stopped", http2.PREFACE + SETTINGS + header[:20]),
            *opened("HEADERS, dribbled", http2.PREFACE + SETTINGS, dribble=_letters(header)),
            *opened("CONTINUATION, none", http2.PREFACE + SETTINGS + http2.raw(1, 0x1, 1, BLOCK)),
            *opened(
                "second head, CONTINUATION dribbled",
                http2.PREFACE + SETTINGS + SMALL + http2.raw(1, 0x1, 3, BLOCK[:10]),
                dribble=_letters(http2.raw(9, 0x4, 3, BLOCK[10:])),
            ),
        ],
        WRITE: [
            *opened("h1, nothing read", GET_MODULE, small=True, reads=False),
            *opened("h1, 400 B/s read", GET_MODULE, small=True, reads=False, sips=400),
            *opened("h1, 200 requests, nothing read", GET_MODULE * 200, small=True, reads=False),
            *opened("h2, window 0", ZERO_WINDOW),
            *opened(
                "h2, 400 B/s of window",
                ZERO_WINDOW,
                dribble=lambda _: http2.raw(8, 0, 1, (400).to_bytes(4, "big")),
            ),
            *opened(
                "h2, nothing read",
                http2.PREFACE + http2.raw(4, 0, 0, b"\0\x04" + LARGE.to_bytes(4, "big"))
                + http2.raw(8, 0, 0, (LARGE - 65535).to_bytes(4, "big")) + http2.request(1).serialize(),
                small=True, reads=False,
            ),
        ],
        KEEP_ALIVE: [
            *opened("h1, idle", GET),
            *opened("h2, idle", http2.PREFACE + SETTINGS + SMALL),
        ],
    }  # fmt: skip


def _honest(port: int) -> list[Held]:
    """Slow readers above the floor of 16 KiB in 20 s; they must not be cut."""
    slow_window = http2.PREFACE + http2.raw(4, 0, 0, b"\0\x04\0\0\x10\0") + http2.request(1).serialize()
    more = http2.raw(8, 0, 0, b"\0\0\x10\0") + http2.raw(8, 0, 1, b"\0\0\x10\0")
    return [
        *open_all(port, "h1, 8 KiB/s read", 3, GET_MODULE, small=True, reads=False, sips=8192),
        *open_all(port, "h2, 4 KiB/s of window", 3, slow_window, dribble=lambda _: more),
    ]


def attack(scene: Scene) -> None:
    port, count = scene.server.port, 5 if scene.quick else 20
    stalls = _stalls(port, count)
    honest = _honest(port)
    if scene.has("--tls-certificate"):
        tls = scene.server.ports["tls"]
        stalls[HANDSHAKE] = [
            *open_all(tls, "TLS, silence", count),
            *open_all(tls, "TLS, half a ClientHello", count, CLIENT_HELLO[:60]),
            *open_all(tls, "TLS, ClientHello dribbled", count, dribble=_letters(CLIENT_HELLO)),
        ]
        stalls[REQUEST] += handshake_then(tls, "TLS, then silence", count)
        stalls[REQUEST] += handshake_then(tls, "TLS, then half a preface", count, http2.PREFACE[:9])
    patience = LATEST[WRITE] + 15 if scene.quick else KEEP_ALIVE + 10
    waiting = {deadline: held for deadline, held in stalls.items() if deadline < patience}
    hold(port, [held for connections in waiting.values() for held in connections] + honest, patience)
    for deadline, connections in waiting.items():
        _judge(scene, deadline, connections)
    cut = {held.form for held in honest if held.cut is not None}
    scene.require(not cut, f"slow but honest readers were cut: {', '.join(cut)}")
    if not scene.quick:
        _slowhttptest(scene, "-H")
        _slowhttptest(scene, "-X")


def _judge(scene: Scene, deadline: float, connections: list[Held]) -> None:
    latest = LATEST.get(deadline, deadline + SLACK)
    figures = {}
    for form in dict.fromkeys(held.form for held in connections):
        seconds = [held.seconds for held in connections if held.form == form]
        cut = sorted(s for s in seconds if s is not None)
        figures[form] = (
            f"{cut[0]:.1f}–{cut[-1]:.1f} s" if len(cut) == len(seconds) else f"{len(cut)}/{len(seconds)} cut"
        )
        on_time = len(cut) == len(seconds) and deadline - SLACK <= cut[0] and cut[-1] <= latest
        scene.require(on_time, f"{form}: {figures[form]}, not at {deadline:.0f} s")
    scene.tell_each(figures)


def _slowhttptest(scene: Scene, attack: str) -> None:
    """An independent tool: it must find the server available, and the server must be rid of all its connections.

    The tool does not notice that a connection is reset which it does not read, so the server's side is counted.
    """
    report = scene.work / f"slow{attack}.csv"
    slow = ["-i", "1", "-x", "8"] if attack == "-H" else ["-w", "1", "-y", "8", "-n", "5", "-z", "4"]
    url = f"http://127.0.0.1:{scene.server.port}/plugin.wasm"
    command = [
        "slowhttptest",
        attack,
        "-c",
        str(SLOW_CONNECTIONS),
        "-r",
        "1000",
        "-l",
        str(TOOL_SECONDS),
        "-p",
        "2",
        *slow,
    ]
    command += ["-g", "-o", str(report.with_suffix("")), "-u", url]
    begin, most, gone = time.monotonic(), 0, None
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as tool:
        while tool.poll() is None:
            held = len(kernel.owned_connections(scene.server.port))
            most = max(most, held)
            if most > SLOW_CONNECTIONS // 2 and held <= FEW and gone is None:
                gone = time.monotonic() - begin
            time.sleep(0.5)
    if gone is None and time.monotonic() - begin < TOOL_SECONDS:
        gone = time.monotonic() - begin  # the tool ends early when it has no connection left
    rows = _statistics(report)
    unavailable = sum(row["Service Available"] == "0" for row in rows)
    scene.tell(
        f"slowhttptest {attack}: {most} at once, unavailable {unavailable} of {len(rows)} s, "
        f"all cut {'never' if gone is None else f'at {gone:.0f} s'}"
    )
    scene.require(bool(rows), f"slowhttptest {attack} left no statistics")
    scene.require(unavailable == 0, f"slowhttptest {attack}: the service was not available")
    scene.require(gone is not None, f"slowhttptest {attack}: connections left at the end")


def _statistics(file: Path) -> list[dict[str, str]]:
    if not file.exists():
        return []
    with file.open() as lines:
        return list(csv.DictReader(lines))


ROW = Row(10, "Slow clients", "each cut at its deadline ± 1 s", attack, port_flags)
