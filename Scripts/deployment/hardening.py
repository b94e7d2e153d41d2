# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What Pod Security `restricted` demands, and more (https://kubernetes.io/docs/concepts/security/pod-security-standards/)."""

from collections.abc import Iterator

from deployment.objects import Object, Workload


def problems(objects: list[Object]) -> Iterator[str]:
    workload = Workload(objects)
    pod, security = workload.pod, workload.container["securityContext"]
    if pod["securityContext"] != {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}:
        yield "the pod names a user, or is not restricted"
    if security != {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}:
        yield "the container is not restricted"
    if pod["automountServiceAccountToken"] or pod["enableServiceLinks"]:
        yield "the pod gets a token, or variables of Services"
    if any("hostPath" in volume for volume in workload.volumes.values()) or len(pod["containers"]) != 1:
        yield "the pod has a path of its node, or a second container"
