# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What the Kuadrant operator patches into a gateway, field by field, as Envoy's bootstrap configuration.

The differences: the cluster has the addresses of replicas, not the name of a Service, and the path has the digest.
"""

KUADRANT = "kuadrant-operator-wasm"
TYPES = "type.googleapis.com"
LOOPBACK = {"socket_address": {"address": "127.0.0.1", "port_value": 0}}


def bootstrap(path: str, digest: str, addresses: tuple[str, ...], port: int) -> dict:
    """A gateway that answers every request by itself, through the plugin that it has to fetch."""
    return {
        "admin": {"address": LOOPBACK},
        "static_resources": {
            "listeners": [_listener(_filter(path, digest))],
            "clusters": [_cluster(addresses, port)],
        },
    }


def _filter(path: str, digest: str) -> dict:
    uri = f"http://{KUADRANT}.kuadrant-system.svc.cluster.local:8082{path}"
    remote = {"http_uri": {"uri": uri, "timeout": "10s", "cluster": KUADRANT}, "sha256": digest}
    config = {
        "name": "kuadrant-wasm-shim",
        "root_id": "kuadrant_wasm_shim",
        "vm_config": {"runtime": "envoy.wasm.runtime.v8", "code": {"remote": remote}, "allow_precompiled": True},
        "failure_policy": "FAIL_RELOAD",
        "configuration": {
            "@type": f"{TYPES}/google.protobuf.Struct",
            "value": {"services": {}, "actionSets": []},
        },
    }
    return {
        "name": "envoy.filters.http.wasm",
        "typed_config": {
            "@type": f"{TYPES}/udpa.type.v1.TypedStruct",
            "type_url": f"{TYPES}/envoy.extensions.filters.http.wasm.v3.Wasm",
            "value": {"config": config},
        },
    }


def _cluster(addresses: tuple[str, ...], port: int) -> dict:
    endpoints = [
        {"endpoint": {"address": {"socket_address": {"address": address, "port_value": port}}}}
        for address in addresses
    ]
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
