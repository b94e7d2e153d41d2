# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Takes spans on a free port of 127.0.0.1 until it is ended.

The first line that it prints is `{"port": …}`. Then there is a line for each span, and one for each request that is not as it has
to be, `{"error": …}`. All lines are JSON.
"""

import http.server
import json
import sys
import threading
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from verification.collector.judge import JSON, PROTOBUF, NotASpan, parse, spans

PATH = "/v1/traces"


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers as a collector does, and prints what it is told."""

    protocol_version = "HTTP/1.1"
    lines = threading.Lock()

    def do_POST(self) -> None:
        media_type = self.headers.get("Content-Type", "")
        content = self.content()
        try:
            if self.path != PATH:
                raise NotASpan(f"it was sent to {self.path}")
            told = list(spans(parse(media_type, content)))
        except NotASpan as error:
            self.say({"error": str(error), "content": content.decode(errors="replace")})
            return self.answer(400, "text/plain", b"")
        for span in told:
            self.say({**span, "encoding": media_type})
        if media_type == PROTOBUF:
            return self.answer(200, PROTOBUF, ExportTraceServiceResponse().SerializeToString())
        return self.answer(200, JSON, b"{}")

    def content(self) -> bytes:
        """All of a request's content, be it sent in chunks or not."""
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"]))
        content = b""
        while size := int(self.rfile.readline(), 16):
            content += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return content

    def answer(self, status: int, media_type: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    @classmethod
    def say(cls, line: dict[str, Any]) -> None:
        with cls.lines:
            print(json.dumps(line), flush=True)

    def log_message(self, *_: object) -> None:
        """Says nothing of requests that are as they have to be."""


def main() -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Handler.say({"port": server.server_address[1]})
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
