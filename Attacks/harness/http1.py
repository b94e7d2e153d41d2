# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""HTTP/1.1 by hand: what is sent may be nonsense, what is received is read strictly."""

import base64
import hashlib
import re
from dataclasses import dataclass

from harness import sockets

HEAD = re.compile(rb"HTTP/1\.1 (\d{3}) [^\r\n]*\r\n((?:[!-9;-~]+:[^\r\n]*\r\n)*)\r\n")
QUIET = 0.3


@dataclass(frozen=True)
class Response:
    """One response; the names of its fields are in lower case."""

    status: int
    fields: dict[str, str]
    body: bytes

    @property
    def is_as_announced(self) -> bool:
        """Whether the body hashes to what its own ETag and Repr-Digest say."""
        digest = hashlib.sha256(self.body)
        encoded = base64.b64encode(digest.digest()).decode()
        return (
            self.fields.get("etag") == f'"sha256:{digest.hexdigest()}"'
            and self.fields.get("repr-digest") == f"sha-256=:{encoded}:"
        )


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


def exchange(port: int, payload: bytes, quiet: float = QUIET, method: str = "GET") -> Exchange:
    """Sends these bytes on a connection of their own and reads until the server closes or is quiet."""
    with sockets.connect(port) as end:
        try:
            end.sendall(payload)
        except ConnectionError:
            pass  # refused early: what it answered counts
        received, is_closed = sockets.read_until_quiet(end, quiet)
    responses, rest = parse(received, method)
    return Exchange(responses, rest, is_closed, len(received))


def get(port: int, target: str, *fields: str, method: str = "GET") -> Response | None:
    """The response to a proper request, or None if there was not exactly one."""
    lines = [f"{method} {target} HTTP/1.1", "Host: attack", "Connection: close", *fields]
    answer = exchange(port, "\r\n".join([*lines, "", ""]).encode("latin-1"), quiet=5.0, method=method)
    return answer.responses[0] if len(answer.responses) == 1 and not answer.rest else None


def fields_of(head: re.Match[bytes]) -> dict[str, str]:
    """The fields of a head that `HEAD` matched."""
    lines = (line.partition(":") for line in head[2].decode("latin-1").splitlines())
    return {name.lower(): value.strip() for name, _, value in lines}


def parse(received: bytes, method: str = "GET") -> tuple[list[Response], bytes]:
    """Complete responses by their Content-Length, and what is left over."""
    responses, at = [], 0
    while head := HEAD.match(received, at):
        status = int(head[1])
        fields = fields_of(head)
        has_body = method != "HEAD" and status not in (204, 304)
        end = head.end() + (int(fields.get("content-length", "0")) if has_body else 0)
        if end > len(received):
            break
        responses.append(Response(status, fields, received[head.end() : end]))
        at = end
    return responses, received[at:]
