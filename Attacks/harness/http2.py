# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""HTTP/2 by hand: any frames in any order, and when the server has had enough of them."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from hpack import Decoder
from hpack.hpack import encode_integer
from hyperframe.exceptions import HyperframeError
from hyperframe.frame import DataFrame, Frame, GoAwayFrame, HeadersFrame, RstStreamFrame, SettingsFrame

from harness import sockets
from harness.http1 import Response

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
FIRST_STEPS = 300
PAUSE = 0.002
BURST = 100


def request_block(path: str = "/plugin.wasm", *fields: tuple[str, str], method: str = "GET") -> bytes:
    """A field block of literals without indexing (RFC 7541 §6.2.2), which any connection may use at any time."""
    head = [(":method", method), (":scheme", "http"), (":path", path), (":authority", "attack"), *fields]
    return b"".join(b"\0" + _string(name) + _string(value) for name, value in head)


def request(stream: int, path: str = "/plugin.wasm", end_stream: bool = True) -> HeadersFrame:
    flags = ["END_HEADERS", "END_STREAM"] if end_stream else ["END_HEADERS"]
    return HeadersFrame(stream, request_block(path), flags=flags)


def raw(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """A frame as bytes, for what no library would make."""
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


class Connection:
    """A client connection that sends what it is told and remembers what it was sent."""

    def __init__(self, port: int, settings: dict[int, int] | None = None, receive_buffer: int | None = None) -> None:
        self.end = sockets.connect(port, receive_buffer)
        self.goaway: GoAwayFrame | None = None
        self.is_closed = False
        self.resets = 0
        self._received = bytearray()
        self.send(PREFACE, SettingsFrame(0, settings or {}))

    def send(self, *frames: Frame | bytes) -> None:
        if self.is_closed:
            return
        try:
            self.end.sendall(b"".join(f if isinstance(f, bytes) else f.serialize() for f in frames))
        except OSError:
            self.is_closed = True

    def read(self, seconds: float = 0.0) -> list[Frame]:
        """The frames that are there, after waiting for the first for at most so long."""
        while not self.is_closed and sockets.is_readable(self.end, seconds):
            seconds = 0.0
            try:
                chunk = self.end.recv(1 << 18)
            except OSError:
                chunk = b""
            self.is_closed = not chunk
            self._received += chunk
        return self._frames()

    @property
    def is_over(self) -> bool:
        return self.is_closed or self.goaway is not None

    def close(self) -> None:
        self.end.close()

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _frames(self) -> list[Frame]:
        frames = []
        while len(self._received) >= 9:
            length = int.from_bytes(self._received[:3], "big")
            if len(self._received) < 9 + length:
                break
            try:
                frame, _ = Frame.parse_frame_header(memoryview(bytes(self._received[:9])))
                frame.parse_body(memoryview(bytes(self._received[9 : 9 + length])))
            except HyperframeError:
                frame = None
            del self._received[: 9 + length]
            if frame:
                frames.append(frame)
                self._note(frame)
        return frames

    def _note(self, frame: Frame) -> None:
        if isinstance(frame, GoAwayFrame):
            self.goaway = self.goaway or frame
        elif isinstance(frame, RstStreamFrame):
            self.resets += 1
        elif isinstance(frame, SettingsFrame) and "ACK" not in frame.flags:
            self.send(SettingsFrame(0, flags=["ACK"]))


@dataclass(frozen=True)
class Flood:
    """How a flood ended: after how many steps, and with which error code of GOAWAY, if it did end."""

    steps: int
    has_ended: bool
    code: int | None
    resets: int

    def __str__(self) -> str:
        end = "not ended" if not self.has_ended else "closed" if self.code is None else f"GOAWAY {self.code}"
        return f"{end} after {self.steps}"


def flood(port: int, step: Callable[[int], bytes], limit: int, settings: dict[int, int] | None = None) -> Flood:
    """Sends step after step until the server ends the connection.

    The first steps are sent one by one with a pause, so that the count is exact; after them the server has missed its
    limit, and they are sent in bursts.
    """
    with Connection(port, settings) as connection:
        connection.read(0.2)
        sent = 0
        while sent < limit and not connection.is_over:
            count = 1 if sent < FIRST_STEPS else min(BURST, limit - sent)
            connection.send(b"".join(step(sent + number) for number in range(count)))
            sent += count
            connection.read(PAUSE)
        connection.read(0.5)
        code = connection.goaway.error_code if connection.goaway else None
        return Flood(sent, connection.is_over, code, connection.resets)


def get(port: int, path: str, *fields: tuple[str, str], method: str = "GET", limit: float = 10.0) -> Response | None:
    """The response to a proper request with large windows, or None if there was none."""
    with Connection(port, {SettingsFrame.INITIAL_WINDOW_SIZE: (1 << 31) - 1}) as connection:
        window = raw(8, 0, 0, ((1 << 31) - 1 - 65535).to_bytes(4, "big"))
        block = request_block(path, *fields, method=method)
        connection.send(window, HeadersFrame(1, block, flags=["END_HEADERS", "END_STREAM"]))
        decoder, head, body, deadline = Decoder(), None, bytearray(), time.monotonic() + limit
        while time.monotonic() < deadline:
            for frame in connection.read(0.5):
                if isinstance(frame, HeadersFrame):
                    head = dict(decoder.decode(frame.data))
                elif isinstance(frame, DataFrame):
                    body += frame.data
                if head and frame.stream_id == 1 and "END_STREAM" in frame.flags:
                    return Response(int(head.pop(":status")), head, bytes(body))
            if connection.is_over:
                break
        return None


def _string(text: str) -> bytes:
    content = text.encode("latin-1")
    return bytes(encode_integer(len(content), 7)) + content
