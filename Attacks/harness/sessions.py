# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Connections that fetch one thing after another, as a proxy's pool keeps them; over TLS or not."""

import socket
import ssl

from hpack import Decoder, HPACKError
from hyperframe.exceptions import HyperframeError
from hyperframe.frame import DataFrame, Frame, GoAwayFrame, HeadersFrame, PingFrame, RstStreamFrame, SettingsFrame

from harness import http1, http2
from harness.http1 import Response

LARGEST_WINDOW = (1 << 31) - 1
OPENING = (
    http2.PREFACE
    + http2.raw(4, 0, 0, b"\0\x04" + LARGEST_WINDOW.to_bytes(4, "big"))
    + http2.raw(8, 0, 0, (LARGEST_WINDOW - 65535).to_bytes(4, "big"))
)


class SessionError(Exception):
    """One fetch failed; the text says how."""


class Session:
    """A connection; `is_usable` looks at what has come meanwhile, as an event loop would have."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._received = bytearray()
        self._is_ended = False

    def get(self, path: str) -> bytes:
        """The body of a 200."""
        return self.fetch(path).body

    def fetch(self, path: str) -> Response:
        """A 200; the names of its fields are in lower case."""
        try:
            response = self._fetch(path)
        except (OSError, HPACKError, HyperframeError) as error:
            raise SessionError(repr(error)) from error
        if response.status != 200:
            raise SessionError(f"status {response.status}")
        return response

    def is_usable(self) -> bool:
        if self._is_ended:
            return False
        timeout = self._end.gettimeout()
        self._end.setblocking(False)
        try:
            while True:
                self._receive()
        except (BlockingIOError, ssl.SSLWantReadError):
            return self._look()
        except (OSError, SessionError):
            return False
        finally:
            self._end.settimeout(timeout)

    def close(self) -> None:
        self._end.close()

    def _fetch(self, path: str) -> Response:
        raise NotImplementedError

    def _look(self) -> bool:
        raise NotImplementedError

    def _receive(self) -> None:
        chunk = self._end.recv(1 << 18)
        if not chunk:
            raise SessionError("the server closed the connection")
        self._received += chunk


class HTTP1Session(Session):
    def _fetch(self, path: str) -> Response:
        self._end.sendall(f"GET {path} HTTP/1.1\r\nHost: attack\r\n\r\n".encode())
        while (end := self._received.find(b"\r\n\r\n")) < 0:
            self._receive()
        head = http1.HEAD.match(self._received)
        if not head:
            raise SessionError("not a response")
        fields = http1.fields_of(head)
        length = int(fields["content-length"])
        self._is_ended = fields.get("connection", "").lower() == "close"
        end += 4
        while len(self._received) < end + length:
            self._receive()
        status, body = int(head[1]), bytes(self._received[end : end + length])
        head = None  # it keeps the buffer from being cut
        del self._received[: end + length]
        return Response(status, fields, body)

    def _look(self) -> bool:
        return not self._received


class HTTP2Session(Session):
    def __init__(self, end: socket.socket) -> None:
        super().__init__(end)
        self._stream = -1
        self._decoder = Decoder()
        end.sendall(OPENING)

    def _fetch(self, path: str) -> Response:
        self._stream += 2
        self._end.sendall(http2.request(self._stream, path).serialize())
        fields, pieces = {}, []
        while True:
            for frame in self._frames():
                self._answer(frame)
                if isinstance(frame, GoAwayFrame) and frame.last_stream_id < self._stream:
                    raise SessionError("GOAWAY before the request")
                if frame.stream_id != self._stream:
                    continue
                if isinstance(frame, RstStreamFrame):
                    raise SessionError(f"RST_STREAM {frame.error_code}")
                if isinstance(frame, HeadersFrame):
                    fields |= self._decoder.decode(frame.data)
                if isinstance(frame, DataFrame):
                    pieces.append(frame.data)
                if "END_STREAM" in frame.flags:
                    return Response(int(fields[":status"]), fields, b"".join(pieces))
            self._receive()

    def _look(self) -> bool:
        for frame in self._frames():
            self._answer(frame)
        return not self._is_ended

    def _answer(self, frame: Frame) -> None:
        if isinstance(frame, GoAwayFrame):
            self._is_ended = True
        elif isinstance(frame, PingFrame) and "ACK" not in frame.flags:
            self._end.sendall(PingFrame(0, frame.opaque_data, flags=["ACK"]).serialize())
        elif isinstance(frame, SettingsFrame) and "ACK" not in frame.flags:
            self._end.sendall(SettingsFrame(0, flags=["ACK"]).serialize())

    def _frames(self) -> list[Frame]:
        """The complete frames that have come."""
        frames, at, received = [], 0, self._received
        while len(received) >= at + 9:
            end = at + 9 + int.from_bytes(received[at : at + 3], "big")
            if len(received) < end:
                break
            frame, _ = Frame.parse_frame_header(memoryview(bytes(received[at : at + 9])))
            frame.parse_body(memoryview(bytes(received[at + 9 : end])))
            frames.append(frame)
            at = end
        del received[:at]
        return frames
