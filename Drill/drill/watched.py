# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A server whose files change: what it is told, how it is made to look, and what it announces."""

import json
import signal

from harness import http1
from harness.errors import AttackError
from harness.repeating import Repeating
from harness.scene import Stage
from harness.server import WasmServer

LOOK_PERIOD = 0.1  # of its own accord it looks once a second


def flags(stage: Stage, retain_memory: str) -> list[str]:
    return ["--retain-memory", retain_memory] if stage.has("--retain-memory") else []


def made_to_look(server: WasmServer) -> Repeating:
    """SIGHUP again and again, so as to look at files in all their states."""
    return Repeating(lambda: server.process.send_signal(signal.SIGHUP), LOOK_PERIOD)


def current_modules(port: int) -> dict[str, str]:
    """The digest of each path, out of one document."""
    response = http1.get(port, "/modules")
    if response is None or response.status != 200:
        raise AttackError(f"/modules answered {response.status if response else 'nothing'}")
    admitted = [entry for entry in json.loads(response.body)["modules"] if entry.get("verdict") == "admitted"]
    return {entry["path"]: entry["sha256"] for entry in admitted if entry.get("state", "current") == "current"}
