# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The metrics of a server, in Prometheus' text format."""

import http.client

from harness.server import WasmServer


def metrics(server: WasmServer) -> dict[str, float]:
    """Each sample by its name with its labels, as it is written."""
    connection = http.client.HTTPConnection(server.host, server.ports["operations"], timeout=5.0)
    try:
        connection.request("GET", "/metrics")
        lines = connection.getresponse().read().decode().splitlines()
    finally:
        connection.close()
    samples = (line.rpartition(" ") for line in lines if line and not line.startswith("#"))
    return {name: float(value) for name, _, value in samples}
