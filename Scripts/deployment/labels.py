# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Whether objects tell what they are of, by the labels that Kubernetes recommends."""

from collections.abc import Iterator

from deployment.objects import NAME, Object, Workload, one

PREFIX = "app.kubernetes.io"
EXPECTED = {f"{PREFIX}/name": NAME, f"{PREFIX}/instance": NAME, f"{PREFIX}/managed-by": "kustomize"}
VERSION = f"{PREFIX}/version"
# The operator's own, which is only led to other pods.
OTHERS = {"kuadrant-operator-wasm"}


def problems(objects: list[Object]) -> Iterator[str]:
    for each in objects:
        name, labels = each["metadata"]["name"], each["metadata"].get("labels", {})
        missing = EXPECTED.items() - labels.items() if name not in OTHERS else {}
        if missing:
            yield f"{each['kind']} {name} has not the labels {', '.join(key for key, _ in sorted(missing))}"
    workload = Workload(objects)
    told = {one(objects, "Deployment")["metadata"]["labels"].get(VERSION), workload.labels.get(VERSION)}
    _, at, _ = workload.container["image"].partition("@")
    tag = workload.container["image"].rpartition(":")[2]
    if None in told or len(told) > 1 or not (at or told == {tag}):
        yield f"the Deployment and its pods do not tell the version {tag} that the image has"
    if VERSION in one(objects, "Deployment")["spec"]["selector"]["matchLabels"]:
        yield "pods are selected by their version, which a Deployment cannot change"
