# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Whether replicas come, stay, move and go without a gap, and have their modules from where it is meant."""

import re
from collections.abc import Iterator

from verification.deployment.objects import Object, Workload, mebibytes, one, seconds

IMAGE = re.compile(r"^registry\.example\.com/[a-z-]+(:[0-9]+\.[0-9]+\.[0-9]+|@sha256:[0-9a-f]{64})$")
PROBES = {"startupProbe": "/startupz", "readinessProbe": "/readyz", "livenessProbe": "/livez"}
# After the delay and the downloads, the last probes are answered for so long.
LAST_PROBES = 2
# Before that, the last spans are sent for so long, if there is a collector.
LAST_SPANS = 1
PROGRAM = 40
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


def workload(objects: list[Object]) -> Iterator[str]:
    """Whether replicas come, stay, move and go without a gap."""
    deployed = Workload(objects)
    yield from _namespaces(objects, deployed.namespace)
    yield from _rollout(deployed)
    yield from _spread(deployed)
    yield from _disruption(one(objects, "PodDisruptionBudget")["spec"], deployed)
    for probe, path in PROBES.items():
        if deployed.container[probe]["httpGet"] != {"path": path, "port": "operations"}:
            yield f"{probe} does not ask {path} on the port of operations"
    volumes = (each["image"]["reference"] for each in deployed.volumes.values() if "image" in each)
    for image in (deployed.container["image"], *volumes):
        if not IMAGE.match(image):
            yield f"{image} is not named by a version or a digest"
    yield from _memory(deployed)


def _namespaces(objects: list[Object], namespace: str) -> Iterator[str]:
    for each in objects:
        if each["kind"] != "Namespace" and each["metadata"].get("namespace") != namespace:
            yield f"{each['kind']} {each['metadata']['name']} is not in the namespace of the Deployment"


def _rollout(workload: Workload) -> Iterator[str]:
    if workload.spec["replicas"] < 2 or workload.spec["strategy"]["rollingUpdate"]["maxUnavailable"] != 0:
        yield "a rollout takes a replica away"
    ending = LAST_PROBES + sum(seconds(workload.environment[f"WASM_SERVER_DRAIN_{part}"]) for part in ("DELAY", "TIMEOUT"))
    if "WASM_SERVER_OTLP_ENDPOINT" in workload.environment:
        ending += LAST_SPANS
    if workload.pod["terminationGracePeriodSeconds"] < ending:
        yield f"the grace period is shorter than what ending takes, {ending} s"


def _spread(workload: Workload) -> Iterator[str]:
    spread = {
        each["topologyKey"]: each["labelSelector"]["matchLabels"] for each in workload.pod.get("topologySpreadConstraints", [])
    }
    for key in ("kubernetes.io/hostname", "topology.kubernetes.io/zone"):
        if not workload.is_selected_by(spread.get(key)):
            yield f"replicas are not spread by {key}"


def _disruption(budget: Object, workload: Workload) -> Iterator[str]:
    if not workload.is_selected_by(budget["selector"]["matchLabels"]):
        yield "the PodDisruptionBudget selects no pod"
    if budget.get("maxUnavailable") != 1 or "minAvailable" in budget:
        yield "the PodDisruptionBudget does not let exactly one replica go: no node can be drained, or all at once"


def _memory(workload: Workload) -> Iterator[str]:
    module = mebibytes(workload.environment["WASM_SERVER_MAX_MODULE_SIZE"])
    kept = mebibytes(workload.environment["WASM_SERVER_RETAIN_MEMORY"])
    if mebibytes(workload.container["resources"]["limits"]["memory"]) < PROGRAM + 4 * module + kept:
        yield "the limit of memory is less than the program, a module, its successor, two that peers give, and those kept"


def sources(overlay: str, objects: list[Object]) -> Iterator[str]:
    """Where each overlay has its modules from: what the server is told is on the volume that is meant."""
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
