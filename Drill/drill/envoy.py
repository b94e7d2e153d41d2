# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""An unmodified Envoy, and whether it runs the plugin that it was told to fetch."""

import http.client
import json
import subprocess
import time
from pathlib import Path

from harness.command import ROOT
from harness.errors import AttackError
from harness.process_group import kill_group

VERSIONS = ("1.40.0", "1.36.2")
PLUGIN_FIELD = "x-wasm-server-demo"
LIMIT = 60.0
PERIOD = 0.1
KEPT_CHARACTERS = 500


class Envoy:
    """A running Envoy; leaving its `with` block ends it."""

    def __init__(self, version: str, bootstrap: dict, folder: Path) -> None:
        binary = ROOT / ".build-tools" / f"envoy-{version}" / "envoy" / "_bin" / "envoy"
        if not binary.exists():
            raise AttackError(f"Envoy {version} is missing; install it with Scripts/install-test-tools")
        folder.mkdir(parents=True)
        self._admin, self._log = folder / "admin-address", folder / "log"
        (folder / "envoy.json").write_text(json.dumps(bootstrap))
        options = ["--config-path", folder / "envoy.json", "--admin-address-path", self._admin]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [binary, *options, "--concurrency", "1", "--disable-hot-restart"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def seconds_to_plugin(self) -> float | None:
        """How long it took until an answer through Envoy showed the plugin's work; None if none did."""
        begin = time.monotonic()
        while time.monotonic() - begin < LIMIT and self._process.poll() is None:
            port = self._gateway_port()
            if port and (answer := _get(f"127.0.0.1:{port}", "/")) is not None:
                return time.monotonic() - begin if answer[0].get(PLUGIN_FIELD) else None
            time.sleep(PERIOD)
        return None

    def last_words(self) -> str:
        return self._log.read_text(errors="replace")[-KEPT_CHARACTERS:]

    def _gateway_port(self) -> int | None:
        """The port of the gateway: until the plugin is loaded, or given up, it does not listen."""
        if not self._admin.exists() or not (address := self._admin.read_text()):
            return None
        answer = _get(address, "/listeners?format=json")
        listeners = json.loads(answer[1] or b"{}").get("listener_statuses") if answer else None
        return listeners[0]["local_address"]["socket_address"]["port_value"] if listeners else None

    def __enter__(self) -> "Envoy":
        return self

    def __exit__(self, *_: object) -> None:
        kill_group(self._process)


def _get(address: str, path: str) -> tuple[http.client.HTTPMessage, bytes] | None:
    connection = http.client.HTTPConnection(address, timeout=5.0)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.headers, response.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
