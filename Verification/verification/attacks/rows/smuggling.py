# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Rows 1 and 2, content that is none: a second request hidden in what two parsers could read in two ways, and endless chunks."""

import time

from verification.attacks.fixture import AttackFixture, row
from verification.clients import http1, sockets

HIDDEN = b"GET /health HTTP/1.1\r\nHost: hidden\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(HIDDEN)
EMPTY_CHUNKS = b"0\r\n\r\n"
QUIET = 0.15
BYTE_LIMIT, TIME_LIMIT = 64 << 10, 10.0
PACE = 0.001


def _post(*fields: bytes, body: bytes = HIDDEN, host: bytes = b"Host: front\r\n", method: bytes = b"GET") -> bytes:
    return method + b" /health HTTP/1.1\r\n" + host + b"".join(fields) + b"\r\n" + body


# Each may get one response and the end, or an error and the end; the hidden request is never answered.
FORMS = {
    "CL.TE": _post(LENGTH, CHUNKED, body=EMPTY_CHUNKS + HIDDEN),
    "TE.CL": _post(CHUNKED, b"Content-Length: 4\r\n", body=b"27\r\n" + HIDDEN + b"\r\n0\r\n\r\n"),
    "CL.0": _post(LENGTH),
    "CL.0 HEAD": _post(LENGTH, method=b"HEAD"),
    "CL.0 POST": _post(LENGTH, method=b"POST"),
    "0.CL": _post(b"Content-Length: 0\r\n" + LENGTH),
    "chunked, tail": _post(CHUNKED, body=EMPTY_CHUNKS + HIDDEN),
    "TE.TE two": _post(CHUNKED, CHUNKED, body=EMPTY_CHUNKS + HIDDEN),
    "TE.TE identity": _post(CHUNKED, b"Transfer-Encoding: identity\r\n", body=EMPTY_CHUNKS + HIDDEN),
    "TE list": _post(b"Transfer-Encoding: chunked, identity\r\n", body=EMPTY_CHUNKS + HIDDEN),
    "TE gzip": _post(b"Transfer-Encoding: gzip, chunked\r\n", body=EMPTY_CHUNKS + HIDDEN),
    "TE xchunked": _post(b"Transfer-Encoding: xchunked\r\n", body=EMPTY_CHUNKS + HIDDEN),
    "TE quoted": _post(b'Transfer-Encoding: "chunked"\r\n', body=EMPTY_CHUNKS + HIDDEN),
    "TE parameter": _post(b"Transfer-Encoding: chunked;a=b\r\n", body=EMPTY_CHUNKS + HIDDEN),
    "TE trailing comma": _post(b"Transfer-Encoding: chunked,\r\n", body=EMPTY_CHUNKS + HIDDEN),
    "TE vertical tab": _post(b"Transfer-Encoding: \x0bchunked\r\n", body=EMPTY_CHUNKS + HIDDEN),
    "TE in capitals, CL": _post(b"TRANSFER-ENCODING: CHUNKED\r\n", LENGTH, body=EMPTY_CHUNKS + HIDDEN),
    "TE in HTTP/1.0": b"GET /health HTTP/1.0\r\nConnection: keep-alive\r\n" + CHUNKED + b"\r\n" + EMPTY_CHUNKS + HIDDEN,
    "TE underscore": _post(b"Transfer_Encoding: chunked\r\n", LENGTH),
    "TE : space": _post(b"Transfer-Encoding : chunked\r\n", body=EMPTY_CHUNKS + HIDDEN),
    "TE :tab": _post(b"Transfer-Encoding\t: chunked\r\n", body=EMPTY_CHUNKS + HIDDEN),
    " TE leading space": _post(b" Transfer-Encoding: chunked\r\n", body=EMPTY_CHUNKS + HIDDEN),
    "CL : space": _post(b"Content-Length : %d\r\n" % len(HIDDEN)),
    "CL twice": _post(LENGTH, LENGTH),
    "CL twice, different": _post(b"Content-Length: 0\r\n", LENGTH),
    "CL list": _post(b"Content-Length: %d, %d\r\n" % (len(HIDDEN), len(HIDDEN))),
    "CL plus": _post(b"Content-Length: +%d\r\n" % len(HIDDEN)),
    "CL minus": _post(b"Content-Length: -1\r\n"),
    "CL hexadecimal": _post(b"Content-Length: 0x25\r\n"),
    "CL underscore": _post(b"Content-Length: 3_7\r\n"),
    "CL decimal": _post(b"Content-Length: 37.0\r\n"),
    "CL empty": _post(b"Content-Length: \r\n"),
    "CL huge": _post(b"Content-Length: 18446744073709551616\r\n"),
    "CL 2^63": _post(b"Content-Length: 9223372036854775808\r\n"),
    "CL leading zeros": _post(b"Content-Length: 000000000000000000000%d\r\n" % len(HIDDEN)),
    "CL NUL": _post(b"Content-Length: 0\x00\r\n"),
    "obs-fold": _post(b"X: a\r\n " + CHUNKED, body=EMPTY_CHUNKS + HIDDEN),
    "obs-fold TE": _post(b"Transfer-Encoding:\r\n chunked\r\n", body=EMPTY_CHUNKS + HIDDEN),
    "bare LF": b"GET /health HTTP/1.1\nHost: front\n" + LENGTH.replace(b"\r", b"") + b"\n" + HIDDEN,
    "bare LF, one line": _post(b"X: a\n" + CHUNKED, body=EMPTY_CHUNKS + HIDDEN),
    "bare LF at the end": b"GET /health HTTP/1.1\r\nHost: front\r\nX: a\n\n" + HIDDEN,
    "bare CR": _post(b"X: a\r" + CHUNKED, body=EMPTY_CHUNKS + HIDDEN),
    "bare CR at the end": b"GET /health HTTP/1.1\r\nHost: front\r\r" + HIDDEN,
    "NUL in a value": _post(b"X: a\x00b\r\n"),
    "NUL in a name": _post(b"X\x00: a\r\n"),
    "high byte in a name": _post(b"Transfer-Encoding\xa0: chunked\r\n", body=EMPTY_CHUNKS + HIDDEN),
    "empty name": _post(b": a\r\n"),
    "no colon": _post(b"Transfer-Encoding\r\n"),
    "no Host": _post(host=b""),
    "two Hosts": _post(host=b"Host: a\r\nHost: b\r\n"),
    "Host list": _post(host=b"Host: a, b\r\n"),
    "Host @": _post(host=b"Host: a@b\r\n"),
    "absolute form, other Host": b"GET http://other/health HTTP/1.1\r\nHost: front\r\n" + LENGTH + b"\r\n" + HIDDEN,
    "space in the target": b"GET /health /x HTTP/1.1\r\nHost: front\r\n\r\n" + HIDDEN,
    "tab after the method": b"GET\t/health\tHTTP/1.1\r\nHost: front\r\n\r\n" + HIDDEN,
    "HTTP/1.1 space": b"GET /health HTTP/1.1 \r\nHost: front\r\n\r\n" + HIDDEN,
    "HTTP/9.9": b"GET /health HTTP/9.9\r\nHost: front\r\n\r\n" + HIDDEN,
    "HTTP/0.9": b"GET /health\r\n" + HIDDEN,
    "lower case version": b"GET /health http/1.1\r\nHost: front\r\n\r\n" + HIDDEN,
    "Upgrade: h2c": _post(b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: \r\n" + LENGTH),
    "Upgrade: websocket": _post(b"Connection: Upgrade\r\nUpgrade: websocket\r\n", LENGTH),
    "Expect": _post(b"Expect: 100-continue\r\n", LENGTH),
    "CONNECT": b"CONNECT front:80 HTTP/1.1\r\nHost: front:80\r\n\r\n" + HIDDEN,
    "chunk size overflow": _post(CHUNKED, body=b"10000000000000000\r\n" + HIDDEN),
    "chunk size sign": _post(CHUNKED, body=b"-1\r\n" + HIDDEN),
    "chunk extension LF": _post(CHUNKED, body=b"0;a\n\r\n" + HIDDEN),
    "chunk without end": _post(CHUNKED, body=b"1\r\nAA0\r\n\r\n" + HIDDEN),
    "TLS ClientHello": bytes.fromhex("16030101fe010001fa0303") + b"\n" * 200 + HIDDEN,
    "h2 preface, broken": b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n" + HIDDEN,
}


ENDLESS_HEAD = b"GET /health HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
ENDLESS = {
    "extension": (ENDLESS_HEAD + b"1;", b"a" * 4096),
    "chunk size": (ENDLESS_HEAD, b"0" * 4096),
    "trailers": (ENDLESS_HEAD + b"0\r\n", b"X: a\r\n" * 700),
    "one-byte chunks": (ENDLESS_HEAD, b"1\r\na\r\n" * 700),
    "content": (b"POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000000\r\n\r\n", b"a" * 4096),
}


@row(1, "Smuggling", "one response, then the end; no second one")
def smuggle(fixture: AttackFixture) -> None:
    """RFC 9112 §11.2."""
    pipelined = http1.exchange(fixture.port, _post(body=HIDDEN), QUIET)
    fixture.require(pipelined.statuses == [200, 200], "two proper requests did not get two responses: the test is blind")
    refused = 0
    for form, payload in FORMS.items():
        answer = http1.exchange(fixture.port, payload, QUIET, "HEAD" if payload.startswith(b"HEAD") else "GET")
        fixture.require(len(answer.responses) == 1 and not answer.rest, f"{form}: {answer.statuses} {answer.rest[:60]!r}")
        fixture.require(answer.is_closed, f"{form}: left open after {answer.statuses}")
        refused += all(status >= 400 for status in answer.statuses)
    fixture.report(f"{len(FORMS)} forms, {refused} refused, the others answered once; 0 second responses expected")


@row(2, "Chunk-extension flood", "closed by 64 KiB or 10 s")
def never_end(fixture: AttackFixture) -> None:
    """Endless chunk extensions (the class of CVE-2024-22019), and the like."""
    for form, (opening, more) in ENDLESS.items():
        answered_after, ended_after, seconds = _flood(fixture.port, opening, more)
        fixture.report(f"{form}: closed after {answered_after} B, cut after {ended_after >> 10} KiB in {seconds:.1f} s")
        fixture.require(answered_after <= BYTE_LIMIT or seconds <= TIME_LIMIT, f"{form}: goes on after {seconds:.0f} s")


def _flood(port: int, opening: bytes, more: bytes) -> tuple[int, int, float]:
    """Bytes sent until the server closed its side, and until it took no more; seconds until then."""
    with sockets.connect(port) as end:
        begin, sent, answered = time.monotonic(), 0, None
        try:
            end.sendall(opening)
            while time.monotonic() - begin < 2 * TIME_LIMIT:
                sent += end.send(more)
                if answered is None and sockets.is_readable(end, PACE) and sockets.read_until_quiet(end, PACE)[1]:
                    answered = sent
        except OSError:
            pass
        return (sent if answered is None else answered), sent, time.monotonic() - begin
