# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Probes, as the kubelet makes them."""

import http.client

LIMIT = 2.0
LOOPBACK = "127.0.0.1"


def succeeds(port: int, path: str, host: str = LOOPBACK, limit: float = LIMIT) -> bool:
    """Whether a GET was answered with 200 in time."""
    connection = http.client.HTTPConnection(host, port, timeout=limit)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
