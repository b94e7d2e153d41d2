# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What has to be true of every overlay, by what it is about."""

from collections.abc import Iterator

from verification.deployment.objects import NAME, Object, Workload, of_kind, one
from verification.deployment.traffic import monitoring, network, services
from verification.deployment.workload import sources, workload

FILES = {
    "WASM_SERVER_TLS_CERTIFICATE": "tls.crt",
    "WASM_SERVER_TLS_KEY": "tls.key",
    "WASM_SERVER_TLS_CLIENT_CA": "ca.crt",
    "WASM_SERVER_TLS_PEERS_CA": "ca.crt",
}
PREFIX = "app.kubernetes.io"
EXPECTED = {f"{PREFIX}/name": NAME, f"{PREFIX}/instance": NAME, f"{PREFIX}/managed-by": "kustomize"}
VERSION = f"{PREFIX}/version"
# The operator's own, which is only led to other pods.
OTHERS = {"kuadrant-operator-wasm"}


def problems(overlay: str, objects: list[Object]) -> Iterator[str]:
    """What has to be true of every overlay, and is not."""
    for rule in (workload, hardening, services, network, monitoring, certificates, labels):
        try:
            yield from rule(objects)
        except LookupError as error:
            yield f"{rule.__name__}: there is nothing by the name of {error}"
    yield from sources(overlay, objects)


def hardening(objects: list[Object]) -> Iterator[str]:
    """What Pod Security `restricted` demands, and more (https://kubernetes.io/docs/concepts/security/pod-security-standards/)."""
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


def certificates(objects: list[Object]) -> Iterator[str]:
    """Whether the certificate is one that gateways and peers accept, and where the server looks for it."""
    workload = Workload(objects)
    if not of_kind(objects, "Certificate"):
        if FILES.keys() & workload.environment.keys():
            yield "TLS is configured, and there is no Certificate"
        return
    certificate = one(objects, "Certificate")["spec"]
    service = f"{NAME}.{workload.namespace}.svc"
    missing = {workload.environment["WASM_SERVER_PEERS"], service, f"{service}.cluster.local"} - set(certificate["dnsNames"])
    if missing:
        yield f"the Certificate does not name {', '.join(sorted(missing))}"
    for usage in {"server auth", "client auth"} - set(certificate["usages"]):
        yield f"the Certificate is not for {usage}"
    for variable, file in FILES.items():
        path = workload.environment.get(variable, "")
        secret = workload.volume_at(path).get("secret", {}).get("secretName")
        if not path.endswith(f"/{file}") or secret != certificate["secretName"]:
            yield f"{variable} is not {file} of the Certificate's Secret"
    yield from _issuer(objects, certificate)


def _issuer(objects: list[Object], certificate: Object) -> Iterator[str]:
    issuer = one(objects, "Issuer", certificate["issuerRef"]["name"])["spec"]
    authorities = [each["spec"]["secretName"] for each in of_kind(objects, "Certificate") if each["spec"].get("isCA")]
    if issuer["ca"]["secretName"] not in authorities:
        yield "the Certificate's issuer has no authority"


def labels(objects: list[Object]) -> Iterator[str]:
    """Whether objects tell what they are of, by the labels that Kubernetes recommends."""
    for each in objects:
        name, own = each["metadata"]["name"], each["metadata"].get("labels", {})
        missing = EXPECTED.items() - own.items() if name not in OTHERS else {}
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
