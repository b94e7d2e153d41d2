# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Whether replicas come, stay, move and go without a gap."""

import re
from collections.abc import Iterator

from deployment.objects import Object, Workload, mebibytes, one, seconds

IMAGE = re.compile(r"^registry\.example\.com/[a-z-]+(:[0-9]+\.[0-9]+\.[0-9]+|@sha256:[0-9a-f]{64})$")
PROBES = {"startupProbe": "/startupz", "readinessProbe": "/readyz", "livenessProbe": "/livez"}
# After the delay and the downloads, the last probes are answered for so long.
LAST_PROBES = 2
PROGRAM = 40


def problems(objects: list[Object]) -> Iterator[str]:
    workload = Workload(objects)
    yield from _namespaces(objects, workload.namespace)
    yield from _rollout(workload)
    yield from _spread(workload)
    yield from _disruption(one(objects, "PodDisruptionBudget")["spec"], workload)
    for probe, path in PROBES.items():
        if workload.container[probe]["httpGet"] != {"path": path, "port": "operations"}:
            yield f"{probe} does not ask {path} on the port of operations"
    for image in _images(workload):
        if not IMAGE.match(image):
            yield f"{image} is not named by a version or a digest"
    yield from _memory(workload)


def _namespaces(objects: list[Object], namespace: str) -> Iterator[str]:
    for each in objects:
        if each["kind"] != "Namespace" and each["metadata"].get("namespace") != namespace:
            yield f"{each['kind']} {each['metadata']['name']} is not in the namespace of the Deployment"


def _rollout(workload: Workload) -> Iterator[str]:
    if workload.spec["replicas"] < 2 or workload.spec["strategy"]["rollingUpdate"]["maxUnavailable"] != 0:
        yield "a rollout takes a replica away"
    ending = LAST_PROBES + sum(seconds(workload.environment[f"WASM_SERVER_DRAIN_{part}"]) for part in ("DELAY", "TIMEOUT"))
    if workload.pod["terminationGracePeriodSeconds"] < ending:
        yield f"the grace period is shorter than what ending takes, {ending} s"


def _spread(workload: Workload) -> Iterator[str]:
    spread = {each["topologyKey"]: each["labelSelector"]["matchLabels"] for each in workload.pod.get("topologySpreadConstraints", [])}
    for key in ("kubernetes.io/hostname", "topology.kubernetes.io/zone"):
        if not workload.is_selected_by(spread.get(key)):
            yield f"replicas are not spread by {key}"


def _disruption(budget: Object, workload: Workload) -> Iterator[str]:
    if not workload.is_selected_by(budget["selector"]["matchLabels"]):
        yield "the PodDisruptionBudget selects no pod"
    if budget.get("maxUnavailable") != 1 or "minAvailable" in budget:
        yield "the PodDisruptionBudget does not let exactly one replica go: no node can be drained, or all at once"


def _images(workload: Workload) -> list[str]:
    return [workload.container["image"], *(each["image"]["reference"] for each in workload.volumes.values() if "image" in each)]


def _memory(workload: Workload) -> Iterator[str]:
    module = mebibytes(workload.environment["WASM_SERVER_MAX_MODULE_SIZE"])
    kept = mebibytes(workload.environment["WASM_SERVER_RETAIN_MEMORY"])
    if mebibytes(workload.container["resources"]["limits"]["memory"]) < PROGRAM + 4 * module + kept:
        yield "the limit of memory is less than the program, a module, its successor, two that peers give, and those kept"
