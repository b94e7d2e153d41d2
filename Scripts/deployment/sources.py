# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Where each overlay has its modules from: what the server is told is on the volume that is meant."""

from collections.abc import Iterator

from deployment.objects import Object, Workload

VARIABLES = ("WASM_SERVER_FILE_PATH", "WASM_SERVER_SOURCES")
# The variable, its value, and the volume behind it. Every other overlay has the module of the server's image.
MEANT: dict[str, tuple[str, str, Object]] = {
    "image-volume": (
        "WASM_SERVER_FILE_PATH",
        "/module/plugin.wasm",
        {"image": {"reference": "registry.example.com/wasm-shim:0.1.0", "pullPolicy": "IfNotPresent"}},
    ),
    "kuadrant-server-from-operator-image": (
        "WASM_SERVER_FILE_PATH",
        "/module/wasm/plugin.wasm",
        {"image": {"reference": "registry.example.com/kuadrant-operator:1.5.0", "pullPolicy": "IfNotPresent"}},
    ),
    "configmap": ("WASM_SERVER_SOURCES", "/modules", {"configMap": {"name": "wasm-modules"}}),
    "pvc": ("WASM_SERVER_SOURCES", "/modules", {"persistentVolumeClaim": {"claimName": "wasm-modules", "readOnly": True}}),
}
MEANT["all-components"] = MEANT["pvc"]


def problems(overlay: str, objects: list[Object]) -> Iterator[str]:
    workload = Workload(objects)
    told = [(name, workload.environment[name]) for name in VARIABLES if name in workload.environment]
    variable, path, source = MEANT.get(overlay, (None, "", {}))
    if told != ([(variable, path)] if variable else []):
        yield f"the server is told {told} instead of where its modules are meant to be"
    elif {key: value for key, value in workload.volume_at(path).items() if key != "name"} != source:
        yield f"{path} is not on the volume that is meant"
    extra = len(workload.volumes) - bool(source) - ("WASM_SERVER_TLS_CERTIFICATE" in workload.environment)
    if extra:
        yield f"{extra} volumes are for nothing"
