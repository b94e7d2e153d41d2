# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A test of the checks themselves: manifests that are spoilt on purpose, each in one place, and what must be said of it."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass

from verification.deployment import rules
from verification.deployment.objects import NAME, Object, one
from verification.report import Report

POD = "spec/template/spec"
CONTAINER = f"{POD}/containers/0"
PEERS = "wasm-server-peers"
EVERYONE = {"namespaceSelector": {}}
DROPPED = object()


@dataclass(frozen=True)
class Mutation:
    """What `path` leads to is set to `value`, or dropped.

    A number leads into a list, and just behind its end adds to it; `~` stands for a slash within a name.
    """

    said: str
    kind: str
    path: str
    value: object = DROPPED
    name: str = NAME
    overlay: str = "all-components"


def mutated(objects: list[Object], mutation: Mutation) -> list[Object]:
    """A copy with the mutation; what it is about must be there, so that none spoils nothing."""
    objects = copy.deepcopy(objects)
    where = one(objects, mutation.kind, mutation.name)
    *way, last = [int(part) if part.isdecimal() else part.replace("~", "/") for part in mutation.path.split("/")]
    for part in way:
        where = where[part]
    if mutation.value is DROPPED:
        del where[last]
    elif isinstance(where, list) and last == len(where):
        where.append(mutation.value)
    else:
        where[last] = mutation.value
    return objects


def check(rendered: dict[str, list[Object]], report: Report) -> None:
    report.check_none(f"{len(MUTATIONS)} spoilt manifests are found, each by what is wrong with it", _missed(rendered), "; ")


def _missed(rendered: dict[str, list[Object]]) -> Iterator[str]:
    for mutation in MUTATIONS:
        said = list(rules.problems(mutation.overlay, mutated(rendered[mutation.overlay], mutation)))
        if not any(mutation.said in problem for problem in said):
            yield f"{mutation.kind} {mutation.path}: '{mutation.said}' is not said, but {said or 'nothing'}"


def environment(number: int) -> str:
    return f"{CONTAINER}/env/{number}/value"


MUTATIONS = [
    # The workload
    Mutation("Service wasm-server is not in the namespace", "Service", "metadata/namespace"),
    Mutation("a rollout takes a replica away", "Deployment", "spec/replicas", 1),
    Mutation("a rollout takes a replica away", "Deployment", "spec/strategy/rollingUpdate/maxUnavailable", 1),
    Mutation("the grace period is shorter", "Deployment", f"{POD}/terminationGracePeriodSeconds", 41),
    Mutation("not spread by kubernetes.io/hostname", "Deployment", f"{POD}/topologySpreadConstraints"),
    Mutation("not spread by topology.kubernetes.io/zone", "Deployment", f"{POD}/topologySpreadConstraints/1"),
    Mutation("not spread", "Deployment", f"{POD}/topologySpreadConstraints/0/labelSelector/matchLabels", {"a": "b"}),
    Mutation("exactly one replica", "PodDisruptionBudget", "spec/maxUnavailable", 0),
    Mutation("exactly one replica", "PodDisruptionBudget", "spec/minAvailable", 2),
    Mutation("PodDisruptionBudget selects no pod", "PodDisruptionBudget", "spec/selector/matchLabels", {"a": "b"}),
    Mutation("livenessProbe does not ask", "Deployment", f"{CONTAINER}/livenessProbe/httpGet/path", "/readyz"),
    Mutation("not named by a version", "Deployment", f"{CONTAINER}/image", "registry.example.com/wasm-server:latest"),
    Mutation("the limit of memory", "Deployment", f"{CONTAINER}/resources/limits/memory", "128Mi"),
    # Hardening
    Mutation("the pod names a user", "Deployment", f"{POD}/securityContext/runAsUser", 0),
    Mutation("the container is not restricted", "Deployment", f"{CONTAINER}/securityContext/readOnlyRootFilesystem"),
    Mutation("the pod gets a token", "Deployment", f"{POD}/automountServiceAccountToken", True),
    Mutation("a path of its node", "Deployment", f"{POD}/volumes/0/hostPath", {"path": "/"}),
    # Services
    Mutation("selects no pod", "Service", "spec/selector", {"app": "wasm-server"}),
    Mutation("a port that no container has", "Service", "spec/ports/0/targetPort", "web"),
    Mutation("does not say that https is spoken", "Service", "spec/ports/0/appProtocol"),
    Mutation("does not say that https is spoken", "Service", "spec/ports/0/appProtocol", "kubernetes.io/h2c"),
    Mutation("does not say that https is spoken", "Service", "spec/ports/0/appProtocol", name=PEERS),
    Mutation("kubernetes.io/h2c is spoken", "Service", "spec/ports/0/appProtocol", overlay="plain"),
    Mutation("kubernetes.io/h2c is spoken", "Service", "spec/ports/0/appProtocol", "http", "kuadrant-operator-wasm", "kuadrant"),
    Mutation("find each other", "Service", "spec/clusterIP", "10.0.0.1", PEERS),
    Mutation("a lost query for peers", "Deployment", f"{POD}/dnsConfig/options/0/value", "5"),
    Mutation("a lost query for peers", "Deployment", f"{POD}/dnsConfig/options/1/value", "1"),
    Mutation("a lost query for peers", "Deployment", f"{POD}/dnsConfig"),
    Mutation("a replica that ends is not found", "Service", "spec/publishNotReadyAddresses", name=PEERS),
    # The network
    Mutation("a rule for all of 0.0.0.0/0", "NetworkPolicy", "spec/egress/1/to/1/ipBlock/cidr", "0.0.0.0/0"),
    Mutation("a rule for all of 0.0.0.0/0", "NetworkPolicy", "spec/egress/0/to/1", {"ipBlock": {"cidr": "0.0.0.0/0"}}),
    Mutation("lets out more", "NetworkPolicy", "spec/egress/0/to/1", {"ipBlock": {"cidr": "192.0.2.1/32"}}),
    Mutation("lets out more", "NetworkPolicy", "spec/egress/0/ports/2", {"protocol": "TCP", "port": 443}),
    Mutation("lets out more", "NetworkPolicy", "spec/egress/3/to/0", {"ipBlock": {"cidr": "192.0.2.1/32"}}),
    Mutation("lets out more", "NetworkPolicy", "spec/egress/3/ports/0/port", 4317),
    Mutation("out to its collector", "NetworkPolicy", "spec/egress/3"),
    Mutation("a rule for everyone", "NetworkPolicy", "spec/egress/1/to"),
    Mutation("or for every port", "NetworkPolicy", "spec/egress/1/ports"),
    Mutation("every namespace", "NetworkPolicy", "spec/egress/1/to/0", EVERYONE),
    Mutation("no rule for the cluster's DNS", "NetworkPolicy", "spec/egress/1"),
    Mutation("no rule for the cluster's DNS", "NetworkPolicy", "spec/egress/1/ports/0"),
    Mutation("does not let peers out", "NetworkPolicy", "spec/egress/0"),
    Mutation("does not let peers out at port 9082", "NetworkPolicy", "spec/egress/0/ports/1"),
    Mutation("does not let peers in at port 8082", "NetworkPolicy", "spec/ingress/0/from/1"),
    Mutation("does not let peers in at port 9082", "NetworkPolicy", "spec/ingress/1/from/1"),
    Mutation("every namespace", "NetworkPolicy", "spec/ingress/0/from/0", EVERYONE),
    Mutation("every namespace", "NetworkPolicy", "spec/ingress/1/from/0/namespaceSelector", {}),
    Mutation("every namespace", "NetworkPolicy", "spec/ingress/0/from/2", {**EVERYONE, "podSelector": {"matchLabels": {"a": "b"}}}),
    Mutation("for every pod", "NetworkPolicy", "spec/ingress/0/from/1/podSelector", {}),
    Mutation("exactly what the container listens for", "NetworkPolicy", "spec/ingress/1"),
    Mutation("not about both directions", "NetworkPolicy", "spec/policyTypes/1"),
    Mutation("NetworkPolicy selects no pod", "NetworkPolicy", "spec/podSelector/matchLabels", {"a": "b"}),
    # Monitoring
    Mutation("selects 0 Services", "ServiceMonitor", "spec/selector/matchLabels", {"a": "b"}),
    Mutation("selects 2 Services", "ServiceMonitor", "spec/selector/matchLabels", {"app.kubernetes.io/name": NAME}),
    Mutation("not that of operations", "ServiceMonitor", "spec/endpoints/0/port", "metrics"),
    Mutation("not that of operations", "ServiceMonitor", "spec/endpoints/0/port", "http"),
    Mutation("alerts are about the job", "ServiceMonitor", "spec/jobLabel", "app"),
    # Certificates
    Mutation("does not name wasm-server-peers", "Certificate", "spec/dnsNames/0"),
    Mutation("does not name wasm-server.wasm-server.svc", "Certificate", "spec/dnsNames", [PEERS]),
    Mutation("is not for client auth", "Certificate", "spec/usages/2"),
    Mutation("is not for server auth", "Certificate", "spec/usages", ["client auth"]),
    Mutation("of the Certificate's Secret", "Certificate", "spec/secretName", "other"),
    Mutation("there is nothing by the name of", "Certificate", "spec/issuerRef/name", "other"),
    Mutation("no authority", "Issuer", "spec/ca/secretName", "other", "wasm-server-authority"),
    # Labels
    Mutation("has not the labels app.kubernetes.io/instance", "Service", "metadata/labels/app.kubernetes.io~instance"),
    Mutation("has not the labels app.kubernetes.io/managed-by", "ServiceMonitor", "metadata/labels/app.kubernetes.io~managed-by"),
    Mutation("do not tell the version", "Deployment", "spec/template/metadata/labels/app.kubernetes.io~version"),
    Mutation("do not tell the version", "Deployment", f"{CONTAINER}/image", "registry.example.com/wasm-server:9"),
    Mutation("selected by their version", "Deployment", "spec/selector/matchLabels/app.kubernetes.io~version", "0.1.0"),
    # Sources
    Mutation("not on the volume that is meant", "Deployment", f"{POD}/volumes/0/image/reference", "a", overlay="image-volume"),
    Mutation("the server is told", "Deployment", environment(0), "/a.wasm", overlay="kuadrant-server-from-operator-image"),
    Mutation("volumes are for nothing", "Deployment", f"{POD}/volumes", [{"name": "a"}], overlay="plain"),
]
