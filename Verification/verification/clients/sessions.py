# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Connections that fetch one thing after another, as a proxy's pool keeps them; over TLS or not."""

import socket
import ssl
import time
from collections import Counter
from collections.abc import Callable

from hpack import Decoder, HPACKError
from hyperframe.exceptions import HyperframeError
from hyperframe.frame import DataFrame, Frame, GoAwayFrame, HeadersFrame, PingFrame, RstStreamFrame, SettingsFrame

from verification.clients import http1, http2, sockets
from verification.clients.http1 import Response
from verification.clients.sockets import Closing
from verification.programs import VerificationError
from verification.threads import PeriodicThread

PAUSE = 0.1


class SessionError(Exception):
    """One fetch failed; the text says how."""


class Session(Closing):
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
        response = self.request(path)
        if response.status != 200:
            raise SessionError(f"status {response.status}")
        return response

    def request(self, path: str, *fields: object, **more: object) -> Response:
        """Whatever is answered."""
        try:
            return self._fetch(path, *fields, **more)
        except (OSError, HPACKError, HyperframeError) as error:
            raise SessionError(repr(error)) from error

    def is_usable(self) -> bool:
        if self._is_ended:
            return False
        timeout = self._end.gettimeout()
        self._end.setblocking(False)
        try:
            while True:
                self._receive()
        except (BlockingIOError, ssl.SSLWantReadError):
            return self._is_clear()
        except (OSError, SessionError):
            return False
        finally:
            self._end.settimeout(timeout)

    def close(self) -> None:
        self._end.close()

    def _fetch(self, path: str, *fields: object, **more: object) -> Response:
        raise NotImplementedError

    def _is_clear(self) -> bool:
        raise NotImplementedError

    def _receive(self) -> None:
        chunk = self._end.recv(1 << 18)
        if not chunk:
            raise SessionError("the server closed the connection")
        self._received += chunk


class HTTP1Session(Session):
    """Over HTTP/1.1."""

    def _fetch(self, path: str) -> Response:
        self._end.sendall(http1.request(path))
        while not (response := http1.take(self._received)):
            if b"\r\n\r\n" in self._received and not http1.HEAD.match(self._received):
                raise SessionError("not a response")
            self._receive()
        self._is_ended = response.fields.get("connection", "").lower() == "close"
        return response

    def _is_clear(self) -> bool:
        return not self._received


class HTTP2Session(Session):
    """Over HTTP/2, with windows that are never in the way."""

    def __init__(self, end: socket.socket) -> None:
        super().__init__(end)
        self._stream = -1
        self._decoder = Decoder()
        end.sendall(http2.OPENING)

    def _fetch(self, path: str, *fields: tuple[str, str], method: str = "GET") -> Response:
        self._stream += 2
        self._end.sendall(http2.request(self._stream, path, *fields, method=method))
        head, pieces = {}, []
        while True:
            for frame in http2.take_frames(self._received):
                self._answer(frame)
                if isinstance(frame, GoAwayFrame) and frame.last_stream_id < self._stream:
                    raise SessionError("GOAWAY before the request")
                if frame.stream_id != self._stream:
                    continue
                if isinstance(frame, RstStreamFrame):
                    raise SessionError(f"RST_STREAM {frame.error_code}")
                if isinstance(frame, HeadersFrame):
                    head |= self._decoder.decode(frame.data)
                if isinstance(frame, DataFrame):
                    pieces.append(frame.data)
                if "END_STREAM" in frame.flags:
                    return Response(int(head.pop(":status")), head, b"".join(pieces))
            self._receive()

    def _is_clear(self) -> bool:
        for frame in http2.take_frames(self._received):
            self._answer(frame)
        return not self._is_ended

    def _answer(self, frame: Frame) -> None:
        if isinstance(frame, GoAwayFrame):
            self._is_ended = True
        elif isinstance(frame, PingFrame) and "ACK" not in frame.flags:
            self._end.sendall(PingFrame(0, frame.opaque_data, flags=["ACK"]).serialize())
        elif isinstance(frame, SettingsFrame) and "ACK" not in frame.flags:
            self._end.sendall(SettingsFrame(0, flags=["ACK"]).serialize())


def get_over_http2(port: int, path: str, *fields: tuple[str, str], method: str = "GET") -> Response | None:
    """The response to a proper request, whatever its status, or None if there was none."""
    with HTTP2Session(sockets.connect(port)) as session:
        try:
            return session.request(path, *fields, method=method)
        except SessionError:
            return None


PROTOCOLS: dict[str, type[Session]] = {"h1": HTTP1Session, "h2c": HTTP2Session}


class LastingSession(Closing):
    """A connection that is made anew once the server has ended it, as every client of HTTP does; `opened` counts.

    It is given up after the `most` fetches, if that is said, and after one that failed.
    """

    def __init__(self, connect: Callable[[], Session], most: int | None = None) -> None:
        self.opened = self._fetches = 0
        self._connect, self._most = connect, most
        self._session: Session | None = None

    def get(self, path: str) -> bytes:
        return self.fetch(path).body

    def fetch(self, path: str) -> Response:
        if not self._session or not self._session.is_usable():
            self.close()
            self._session = self._connect()
            self.opened += 1
            self._fetches = 0
        self._fetches += 1
        try:
            response = self._session.fetch(path)
        except SessionError:
            self.close()
            raise
        if self._fetches == self._most:
            self.close()
        return response

    def close(self) -> None:
        if self._session:
            self._session.close()
            self._session = None


class Visitor(PeriodicThread):
    """Visits again and again, and counts what went wrong."""

    def __init__(self, pause: float = PAUSE) -> None:
        super().__init__(self._try_to_visit)
        self.problems: Counter[str] = Counter()
        self._pause = pause

    def visit(self) -> None:
        raise NotImplementedError

    def _try_to_visit(self) -> None:
        try:
            self.visit()
        except (OSError, SessionError, VerificationError) as error:
            self.problems[repr(error)] += 1
            time.sleep(self._pause)
