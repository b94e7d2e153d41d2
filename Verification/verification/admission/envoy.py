# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""An Envoy that is given a plugin, and what it says of it."""

import json
import re
import resource
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from verification.programs import TOOLS, VerificationError

VERSIONS = ("1.36.2", "1.40.0")
LIMIT = 60.0  # seconds; most need a tenth of one

# The first words of Envoy's log that tell of the module, and what it says before them always.
REFUSAL = re.compile(r"\[error\]\[wasm\] \[[^]]*\] (?:Wasm VM failed |Failed to load Wasm module due to an? )?(.*)")
END = re.compile(r"^# Fatal error in .*\n# (.*)$|Caught ([^,]*), suspect faulting address", re.MULTILINE)


def ask(version: str, module: bytes, folder: Path) -> str:
    """The verdict of an Envoy on a module alone: `loaded`, or `refused: ` or `ended: ` and why."""
    envoy = TOOLS / f"envoy-{version}" / "envoy" / "_bin" / "envoy"
    if not envoy.exists():
        raise VerificationError(f"Envoy {version} is missing; install it with: Scripts/install-tools test")
    with tempfile.TemporaryDirectory(dir=folder) as own:
        file, bootstrap = Path(own, "plugin.wasm"), Path(own, "envoy.json")
        file.write_bytes(module)
        bootstrap.write_text(json.dumps(configuration(file)))
        command = [envoy, "--mode", "validate", "--log-level", "warning", "--disable-hot-restart", "--config-path", bootstrap]
        done = subprocess.run(
            command, cwd=own, capture_output=True, text=True, errors="replace", check=False, timeout=LIMIT, preexec_fn=leave_no_core
        )
    if done.returncode == 0:
        return "loaded"
    kind, pattern = ("ended", END) if done.returncode < 0 else ("refused", REFUSAL)
    if not (found := pattern.search(done.stderr)):
        raise VerificationError(f"Envoy {version} ended with {done.returncode}, and did not say why:\n{done.stderr}")
    return f"{kind}: {next(group for group in found.groups() if group)}"


def leave_no_core() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def configuration(plugin: Path) -> dict[str, Any]:
    """A listener whose only HTTP filter before the router is the plugin."""
    extensions = "type.googleapis.com/envoy.extensions.filters"
    code = {"local": {"filename": str(plugin)}}
    wasm = {
        "@type": f"{extensions}.http.wasm.v3.Wasm",
        "config": {"name": "plugin", "vm_config": {"runtime": "envoy.wasm.runtime.v8", "code": code}},
    }
    router = {"@type": f"{extensions}.http.router.v3.Router"}
    manager = {
        "@type": f"{extensions}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "plugin",
        "route_config": {},
        "http_filters": [{"name": "plugin", "typed_config": wasm}, {"name": "router", "typed_config": router}],
    }
    listener = {
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}},
        "filter_chains": [{"filters": [{"name": "manager", "typed_config": manager}]}],
    }
    return {"static_resources": {"listeners": [listener]}}
