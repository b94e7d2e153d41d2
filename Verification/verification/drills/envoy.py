# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""An unmodified Envoy, told what the Kuadrant operator patches into a gateway, and whether it runs the plugin."""

import http.client
import json
import string
import time
from contextlib import AbstractContextManager, closing
from pathlib import Path

from verification.programs import TOOLS, VerificationError, kill_group, start

VERSIONS = ("1.40.0", "1.36.2")
PLUGIN_FIELD = "x-wasm-server-demo"
LIMIT = 60.0
PERIOD = 0.1
LAST_CHARACTERS = 500


class Envoy(AbstractContextManager):
    """A running Envoy; leaving its `with` block ends it."""

    def __init__(self, version: str, bootstrap: str, folder: Path) -> None:
        binary = TOOLS / f"envoy-{version}" / "envoy" / "_bin" / "envoy"
        if not binary.exists():
            raise VerificationError(f"Envoy {version} is missing; install it with: Scripts/install-tools test")
        folder.mkdir(parents=True)
        self._admin, self._log = folder / "admin-address", folder / "log"
        (folder / "envoy.yaml").write_text(bootstrap)
        options = ["--config-path", folder / "envoy.yaml", "--admin-address-path", self._admin]
        with self._log.open("wb") as log:
            self._process = start(binary, *options, "--concurrency", "1", "--disable-hot-restart", stdout=log, stderr=log)

    def seconds_to_plugin(self) -> float | None:
        """How long it took until an answer through Envoy showed the plugin's work; None if none did."""
        begin = time.monotonic()
        fields = self._first_fields()
        return time.monotonic() - begin if fields is not None and fields.get(PLUGIN_FIELD) else None

    def gives_up(self) -> bool:
        """Whether it comes to answer without the plugin."""
        fields = self._first_fields()
        return fields is not None and not fields.get(PLUGIN_FIELD)

    def _first_fields(self) -> http.client.HTTPMessage | None:
        """The fields of the first answer through Envoy; None if there is none in time."""
        begin = time.monotonic()
        while time.monotonic() - begin < LIMIT and self._process.poll() is None:
            port = self._gateway_port()
            if port and (answer := _get(f"127.0.0.1:{port}", "/")) is not None:
                return answer[0]
            time.sleep(PERIOD)
        return None

    def log_tail(self) -> str:
        return self._log.read_text(errors="replace")[-LAST_CHARACTERS:]

    def _gateway_port(self) -> int | None:
        """The port of the gateway: until the plugin is loaded, or given up, it does not listen."""
        if not self._admin.exists() or not (address := self._admin.read_text()):
            return None
        answer = _get(address, "/listeners?format=json")
        listeners = json.loads(answer[1] or b"{}").get("listener_statuses") if answer else None
        return listeners[0]["local_address"]["socket_address"]["port_value"] if listeners else None

    def stop(self) -> None:
        kill_group(self._process)

    def __exit__(self, *_: object) -> None:
        self.stop()


def bootstrap(path: str, digest: str, addresses: tuple[str, ...], port: int, source: str | None = None) -> str:
    """The configuration of a gateway that has to fetch its plugin from these replicas, and from which address."""
    sockets = [_socket(address, port) for address in addresses]
    endpoints = json.dumps([{"endpoint": {"address": socket}} for socket in sockets])
    binding = json.dumps({"source_address": _socket(source, 0)["socket_address"]} if source else None)
    template = string.Template(Path(__file__).with_suffix(".yaml").read_text())
    return template.substitute(path=path, digest=digest, endpoints=endpoints, binding=binding)


def _socket(address: str, port: int) -> dict:
    return {"socket_address": {"address": address, "port_value": port}}


def _get(address: str, path: str) -> tuple[http.client.HTTPMessage, bytes] | None:
    """By a client that takes chunks, which Envoy may send."""
    with closing(http.client.HTTPConnection(address, timeout=5.0)) as connection:
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.headers, response.read()
        except (OSError, http.client.HTTPException):
            return None
