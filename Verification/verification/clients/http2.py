# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""HTTP/2 by hand: any frames in any order, and when the server has had enough of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hpack import Decoder
from hpack.hpack import encode_integer
from hyperframe.exceptions import HyperframeError
from hyperframe.frame import Frame, GoAwayFrame, HeadersFrame, RstStreamFrame, SettingsFrame

from verification.clients import sockets

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 2, 3, 4, 6, 7, 8, 9
END_STREAM, END_HEADERS = 0x1, 0x4
HEADER_TABLE_SIZE, INITIAL_WINDOW_SIZE = 1, 4
ENHANCE_YOUR_CALM = 11
LARGEST_WINDOW = (1 << 31) - 1
FIRST_STEPS = 300
PAUSE = 0.002
BURST = 100


def request_block(path: str = "/plugin.wasm", *fields: tuple[str, str], method: str = "GET") -> bytes:
    """A field block of literals without indexing (RFC 7541 §6.2.2), which any connection may use at any time."""
    head = [(":method", method), (":scheme", "http"), (":path", path), (":authority", "attack"), *fields]
    return b"".join(b"\0" + _string(name) + _string(value) for name, value in head)


def raw(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """A frame as bytes, for what no library would make."""
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def headers(stream: int, block: bytes, flags: int = END_HEADERS | END_STREAM) -> bytes:
    return raw(HEADERS, flags, stream, block)


def request(stream: int, path: str = "/plugin.wasm", *fields: tuple[str, str], method: str = "GET") -> bytes:
    return headers(stream, request_block(path, *fields, method=method))


def settings(values: dict[int, int]) -> bytes:
    return raw(SETTINGS, 0, 0, b"".join(name.to_bytes(2, "big") + value.to_bytes(4, "big") for name, value in values.items()))


def window_update(stream: int, increment: int) -> bytes:
    return raw(WINDOW_UPDATE, 0, stream, increment.to_bytes(4, "big"))


OPEN_CONNECTION = window_update(0, LARGEST_WINDOW - 65535)
OPENING = PREFACE + settings({INITIAL_WINDOW_SIZE: LARGEST_WINDOW}) + OPEN_CONNECTION


def take_frames(received: bytearray, skips_unreadable: bool = False) -> Iterator[Frame]:
    """Takes the complete frames out of what was received."""
    while len(received) >= 9 and len(received) >= (end := 9 + int.from_bytes(received[:3], "big")):
        head, body = bytes(received[:9]), bytes(received[9:end])
        del received[:end]
        try:
            frame, _ = Frame.parse_frame_header(memoryview(head))
            frame.parse_body(memoryview(body))
        except HyperframeError:
            if skips_unreadable:
                continue
            raise
        yield frame


class Connection(sockets.Closing):
    """A client connection that sends what it is told and remembers what it was sent."""

    def __init__(self, port: int, values: dict[int, int] | None = None, receive_buffer: int | None = None) -> None:
        self.end = sockets.connect(port, receive_buffer)
        self.goaway: GoAwayFrame | None = None
        self.is_closed = False
        self.resets = 0
        self.statuses: list[str] = []
        self._received = bytearray()
        self._decoder = Decoder()
        self.send(PREFACE, settings(values or {}))

    def send(self, *frames: bytes) -> None:
        if self.is_closed:
            return
        try:
            self.end.sendall(b"".join(frames))
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
        frames = list(take_frames(self._received, skips_unreadable=True))
        for frame in frames:
            self._note(frame)
        return frames

    @property
    def is_over(self) -> bool:
        return self.is_closed or self.goaway is not None

    @property
    def code(self) -> int | None:
        """The error code of the GOAWAY, if there was one."""
        return self.goaway.error_code if self.goaway else None

    def close(self) -> None:
        self.end.close()

    def _note(self, frame: Frame) -> None:
        if isinstance(frame, GoAwayFrame):
            self.goaway = self.goaway or frame
        elif isinstance(frame, RstStreamFrame):
            self.resets += 1
        elif isinstance(frame, HeadersFrame):
            self.statuses += [value for name, value in self._decoder.decode(frame.data) if name == ":status"]
        elif isinstance(frame, SettingsFrame) and "ACK" not in frame.flags:
            self.send(raw(SETTINGS, 0x1, 0))


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


def flood(port: int, step: Callable[[int], bytes], limit: int, values: dict[int, int] | None = None) -> Flood:
    """Sends step after step until the server ends the connection.

    The first steps are sent one by one with a pause, so that the count is exact; after them the server has missed its
    limit, and they are sent in bursts.
    """
    with Connection(port, values) as connection:
        connection.read(0.2)
        sent = 0
        while sent < limit and not connection.is_over:
            count = 1 if sent < FIRST_STEPS else min(BURST, limit - sent)
            connection.send(b"".join(step(sent + number) for number in range(count)))
            sent += count
            connection.read(PAUSE)
        connection.read(0.5)
        return Flood(sent, connection.is_over, connection.code, connection.resets)


def _string(text: str) -> bytes:
    content = text.encode("latin-1")
    return bytes(encode_integer(len(content), 7)) + content
