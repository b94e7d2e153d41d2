# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""HTTP/1.1 by hand: what is sent may be nonsense, what is received is read strictly."""

import base64
import hashlib
import json
import re
import socket
import ssl
from contextlib import closing, suppress
from dataclasses import dataclass

from verification.clients import sockets

HEAD = re.compile(rb"HTTP/1\.1 (\d{3}) [^\r\n]*\r\n((?:[!-9;-~]+:[^\r\n]*\r\n)*)\r\n")
QUIET, LIMIT = 0.3, 5.0
PROBE_LIMIT = 2.0


@dataclass(frozen=True)
class Response:
    """One response; the names of its fields are in lower case."""

    status: int
    fields: dict[str, str]
    body: bytes

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace").strip()

    @property
    def repr_digest(self) -> str:
        """What Repr-Digest says of this body (RFC 9530)."""
        return f"sha-256=:{base64.b64encode(bytes.fromhex(self.digest)).decode()}:"

    @property
    def is_as_announced(self) -> bool:
        """Whether the body hashes to what its own ETag and Repr-Digest say."""
        fields = self.fields
        return fields.get("etag") == f'"sha256:{self.digest}"' and fields.get("repr-digest") == self.repr_digest

    def json(self) -> dict:
        return json.loads(self.body)


@dataclass(frozen=True)
class Exchange:
    """What came back for some bytes: responses, bytes that are none, and whether the server closed."""

    responses: list[Response]
    rest: bytes
    is_closed: bool
    received: int

    @property
    def statuses(self) -> list[int]:
        return [response.status for response in self.responses]


def request(target: str, *fields: str, method: str = "GET", closes: bool = False) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", "Host: attack", *(["Connection: close"] if closes else []), *fields]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def exchange(port: int, payload: bytes, quiet: float = QUIET, method: str = "GET") -> Exchange:
    """Sends these bytes on a connection of their own and reads until the server closes or is quiet."""
    with sockets.connect(port) as end:
        return _exchange(end, payload, quiet, method)


def get(
    port: int,
    target: str,
    *fields: str,
    method: str = "GET",
    host: str = sockets.LOOPBACK,
    source: str | None = None,
    limit: float = LIMIT,
    tls: ssl.SSLContext | None = None,
) -> Response | None:
    """The response to a proper request, or None if there was not exactly one."""
    with closing(sockets.connect(port, host=host, source=source, limit=limit)) as plain:
        end = tls.wrap_socket(plain, server_hostname=host) if tls else plain
        with end:
            answer = _exchange(end, request(target, *fields, method=method, closes=True), limit, method)
    return answer.responses[0] if len(answer.responses) == 1 and not answer.rest else None


def succeeds(port: int, path: str, host: str = sockets.LOOPBACK, limit: float = PROBE_LIMIT) -> bool:
    """Whether a probe, as the kubelet makes it, was answered with 200 in time: its head counts."""
    with suppress(OSError), sockets.connect(port, host=host, source=sockets.LOOPBACK, limit=limit) as end:
        end.sendall(request(path, closes=True))
        received = b""
        while not (head := HEAD.match(received)) and (chunk := end.recv(1 << 16)):
            received += chunk
        return head is not None and head[1] == b"200"
    return False


def take(received: bytearray, method: str = "GET") -> Response | None:
    """Takes the first response out of what was received, if it is there whole, by its Content-Length."""
    if not (head := HEAD.match(received)):
        return None
    status, begin = int(head[1]), head.end()
    lines = [line.partition(":") for line in head[2].decode("latin-1").splitlines()]
    del head  # it keeps the buffer from being cut
    fields = {name.lower(): value.strip() for name, _, value in lines}
    has_body = method != "HEAD" and status not in (204, 304)
    end = begin + (int(fields.get("content-length", "0")) if has_body else 0)
    if end > len(received):
        return None
    body = bytes(received[begin:end])
    del received[:end]
    return Response(status, fields, body)


def parse(received: bytes, method: str = "GET") -> tuple[list[Response], bytes]:
    """Complete responses, and what is left over."""
    responses, rest = [], bytearray(received)
    while response := take(rest, method):
        responses.append(response)
    return responses, bytes(rest)


def status_of(response: Response | None) -> int | None:
    return response.status if response else None


def _exchange(end: socket.socket, payload: bytes, quiet: float, method: str) -> Exchange:
    with suppress(ConnectionError):  # refused early: what it answered counts
        end.sendall(payload)
    received, is_closed = sockets.read_until_quiet(end, quiet)
    responses, rest = parse(received, method)
    return Exchange(responses, rest, is_closed, len(received))
