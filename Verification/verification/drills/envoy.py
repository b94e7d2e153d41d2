# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""An unmodified Envoy, told what the Kuadrant operator patches into a gateway, and whether it runs the plugin that it has to fetch.

The differences: the cluster has the addresses of replicas, not the name of a Service, and the path has the digest.
"""

import http.client
import json
import subprocess
import time
from contextlib import closing
from pathlib import Path

from verification.programs import TOOLS, VerificationError, kill_group

VERSIONS = ("1.40.0", "1.36.2")
PLUGIN_FIELD = "x-wasm-server-demo"
LIMIT = 60.0
PERIOD = 0.1
LAST_CHARACTERS = 500
KUADRANT = "kuadrant-operator-wasm"
TYPES = "type.googleapis.com"
LOOPBACK = {"socket_address": {"address": "127.0.0.1", "port_value": 0}}


class Envoy:
    """A running Envoy; leaving its `with` block ends it."""

    def __init__(self, version: str, bootstrap: dict, folder: Path) -> None:
        binary = TOOLS / f"envoy-{version}" / "envoy" / "_bin" / "envoy"
        if not binary.exists():
            raise VerificationError(f"Envoy {version} is missing; install it with: Scripts/install-tools test")
        folder.mkdir(parents=True)
        self._admin, self._log = folder / "admin-address", folder / "log"
        (folder / "envoy.json").write_text(json.dumps(bootstrap))
        options = ["--config-path", folder / "envoy.json", "--admin-address-path", self._admin]
        command = [binary, *options, "--concurrency", "1", "--disable-hot-restart"]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

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
        return self._log.read_text(errors="replace")[-LAST_CHARACTERS:]

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


def bootstrap(path: str, digest: str, addresses: tuple[str, ...], port: int) -> dict:
    """A gateway that answers every request by itself, through the plugin that it has to fetch."""
    return {
        "admin": {"address": LOOPBACK},
        "static_resources": {"listeners": [_listener(_filter(path, digest))], "clusters": [_cluster(addresses, port)]},
    }


def _get(address: str, path: str) -> tuple[http.client.HTTPMessage, bytes] | None:
    """By a client that takes chunks, which Envoy may send."""
    with closing(http.client.HTTPConnection(address, timeout=5.0)) as connection:
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.headers, response.read()
        except (OSError, http.client.HTTPException):
            return None


def _filter(path: str, digest: str) -> dict:
    uri = f"http://{KUADRANT}.kuadrant-system.svc.cluster.local:8082{path}"
    remote = {"http_uri": {"uri": uri, "timeout": "10s", "cluster": KUADRANT}, "sha256": digest}
    config = {
        "name": "kuadrant-wasm-shim",
        "root_id": "kuadrant_wasm_shim",
        "vm_config": {"runtime": "envoy.wasm.runtime.v8", "code": {"remote": remote}, "allow_precompiled": True},
        "failure_policy": "FAIL_RELOAD",
        "configuration": {"@type": f"{TYPES}/google.protobuf.Struct", "value": {"services": {}, "actionSets": []}},
    }
    typed = {
        "@type": f"{TYPES}/udpa.type.v1.TypedStruct",
        "type_url": f"{TYPES}/envoy.extensions.filters.http.wasm.v3.Wasm",
        "value": {"config": config},
    }
    return {"name": "envoy.filters.http.wasm", "typed_config": typed}


def _cluster(addresses: tuple[str, ...], port: int) -> dict:
    sockets = [{"socket_address": {"address": address, "port_value": port}} for address in addresses]
    endpoints = [{"endpoint": {"address": socket}} for socket in sockets]
    return {
        "name": KUADRANT,
        "type": "STRICT_DNS",
        "connect_timeout": "1s",
        "lb_policy": "ROUND_ROBIN",
        "http2_protocol_options": {},
        "load_assignment": {"cluster_name": KUADRANT, "endpoints": [{"lb_endpoints": endpoints}]},
    }


def _listener(wasm: dict) -> dict:
    extensions = f"{TYPES}/envoy.extensions.filters"
    routes = [{"match": {"prefix": "/"}, "direct_response": {"status": 200}}]
    router = {"name": "envoy.filters.http.router", "typed_config": {"@type": f"{extensions}.http.router.v3.Router"}}
    manager = {
        "@type": f"{extensions}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "gateway",
        "route_config": {"virtual_hosts": [{"name": "any", "domains": ["*"], "routes": routes}]},
        "http_filters": [wasm, router],
    }
    chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
    return {"name": "gateway", "address": LOOPBACK, "filter_chains": [chain]}
