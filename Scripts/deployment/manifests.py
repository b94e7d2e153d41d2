# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Every overlay, and every component by itself, rendered without a cluster; and what has to be true of what comes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from deployment.report import ROOT, Report, run

KUBERNETES = ROOT / "deploy" / "kubernetes"
# The oldest and the newest that kubernetes-validate knows and the manifests are for.
VERSIONS = {"1.32": "1.32.0", "1.37": "1.37.0"}
TOGETHER = ["monitoring", "mutual-tls", "openshift", "pvc"]
IMAGE = re.compile(r"^registry\.example\.com/[a-z-]+(:[0-9]+\.[0-9]+\.[0-9]+|@sha256:[0-9a-f]{64})$")
Object = dict[str, Any]


def render(folder: Path, report: Report) -> dict[str, list[Object]]:
    """Renders into a folder; returns the objects of each overlay by its name."""
    overlays = {path.parent: path.parent.relative_to(KUBERNETES / "overlays") for path in (KUBERNETES / "overlays").rglob("kustomization.yaml")}
    rendered = {}
    for path, name in {**overlays, _together(folder): "all-components"}.items():
        done = run("kubectl", "kustomize", path)
        if not report.check(f"{name}: renders", done.returncode == 0, done.stderr):
            continue
        label = str(name).replace("/", "-")
        (folder / f"{label}.yaml").write_text(done.stdout)
        rendered[label] = [each for each in yaml.safe_load_all(done.stdout) if each]
    return rendered


def _together(folder: Path) -> Path:
    """An overlay that combines components, as README.md says."""
    overlay = KUBERNETES / ".check"
    overlay.mkdir(exist_ok=True)
    components = "".join(f"  - ../components/{each}\n" for each in TOGETHER)
    (overlay / "kustomization.yaml").write_text(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../base]\n"
        f"components:\n{components}"
    )
    return overlay


def remove_together() -> None:
    (KUBERNETES / ".check" / "kustomization.yaml").unlink(missing_ok=True)
    (KUBERNETES / ".check").rmdir()


def validate(folder: Path, report: Report) -> None:
    """Against the schemas of Kubernetes; what is not of Kubernetes itself has none there."""
    tools = ROOT / ".build-tools" / "deploy" / "bin"
    for label, version in VERSIONS.items():
        files = sorted(folder.glob("*.yaml"))
        own = folder / label
        own.mkdir()
        for file in files:
            objects = [each for each in yaml.safe_load_all(file.read_text()) if each and _is_of_kubernetes(each)]
            (own / file.name).write_text(yaml.safe_dump_all(objects))
        done = run(tools / "kubernetes-validate", "--strict", "--quiet", "-k", version, *sorted(own.glob("*.yaml")))
        report.check(f"all are valid for Kubernetes {label}", done.returncode == 0, done.stdout + done.stderr)
    done = run(tools / "checkov", "--quiet", "--compact", "--framework", "kubernetes", "-d", folder, "--skip-path", "1\\.")
    report.check("Checkov finds nothing but what is answered beside it", done.returncode == 0, done.stdout)


def _is_of_kubernetes(each: Object) -> bool:
    return not any(name in each["apiVersion"] for name in ("coreos.com", "cert-manager.io"))


def inspect(name: str, objects: list[Object], report: Report) -> None:
    """What is true of every overlay."""
    problems = list(_problems(objects))
    report.check(f"{name}: probes, drain, policies and labels fit together", not problems, "; ".join(problems))


def _problems(objects: list[Object]) -> Iterator[str]:
    deployment = _one(objects, "Deployment", "wasm-server")
    spec, template = deployment["spec"], deployment["spec"]["template"]
    pod, labels = template["spec"], template["metadata"]["labels"]
    container = pod["containers"][0]
    environment = {each["name"]: each.get("value", "") for each in container["env"]}
    ports = {each["name"]: each["containerPort"] for each in container["ports"]}

    if spec["replicas"] < 2 or spec["strategy"]["rollingUpdate"]["maxUnavailable"] != 0:
        yield "a rollout takes a replica away"
    grace = _seconds(environment["WASM_SERVER_DRAIN_DELAY"]) + _seconds(environment["WASM_SERVER_DRAIN_TIMEOUT"])
    if pod["terminationGracePeriodSeconds"] <= grace:
        yield f"the grace period is no longer than what ending takes, {grace} s"
    for probe, path in {"startupProbe": "/startupz", "readinessProbe": "/readyz", "livenessProbe": "/livez"}.items():
        if container[probe]["httpGet"] != {"path": path, "port": "operations"}:
            yield f"{probe} does not ask {path} on the port of operations"
    yield from _unrestricted(pod, container)
    for image in [container["image"], *(volume["image"]["reference"] for volume in pod.get("volumes", []) if "image" in volume)]:
        if not IMAGE.match(image):
            yield f"{image} is not named by a version or a digest"
    limit = _mebibytes(container["resources"]["limits"]["memory"])
    if limit < 40 + 2 * _mebibytes(environment["WASM_SERVER_MAX_MODULE_SIZE"]) + _mebibytes(environment["WASM_SERVER_RETAIN_MEMORY"]):
        yield "the limit of memory is less than the program, two modules and those that are kept"

    for service in (each for each in objects if each["kind"] == "Service"):
        if not service["spec"]["selector"].items() <= labels.items():
            yield f"Service {service['metadata']['name']} selects no pod"
        for port in service["spec"]["ports"]:
            if port["targetPort"] not in ports:
                yield f"Service {service['metadata']['name']} has a port that no container has"
    siblings = _one(objects, "Service", "wasm-server-siblings")["spec"]
    if siblings["clusterIP"] != "None" or environment["WASM_SERVER_PEERS"] != "wasm-server-siblings":
        yield "replicas do not find each other by a headless Service"
    for kind in ("PodDisruptionBudget", "NetworkPolicy"):
        selector = _one(objects, kind, "wasm-server")["spec"]
        if not (selector.get("selector") or selector["podSelector"])["matchLabels"].items() <= labels.items():
            yield f"the {kind} selects no pod"
    policy = _one(objects, "NetworkPolicy", "wasm-server")["spec"]
    allowed = {port["port"] for rule in policy["ingress"] for port in rule["ports"]}
    if set(policy["policyTypes"]) != {"Ingress", "Egress"} or allowed != set(ports.values()):
        yield "the NetworkPolicy does not let in exactly what the container listens for"
    if not {port["port"] for rule in policy["egress"] for port in rule["ports"]} <= {8082, 53, 5353}:
        yield "the NetworkPolicy lets out more than siblings and DNS"
    if any(not rule.get("to") for rule in policy["egress"]) or any(not rule.get("from") for rule in policy["ingress"]):
        yield "the NetworkPolicy has a rule for everyone"


def _unrestricted(pod: Object, container: Object) -> Iterator[str]:
    """What Pod Security `restricted` demands, and more (https://kubernetes.io/docs/concepts/security/pod-security-standards/)."""
    security = container["securityContext"]
    if pod["securityContext"] != {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}:
        yield "the pod names a user, or is not restricted"
    if security != {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}:
        yield "the container is not restricted"
    if pod["automountServiceAccountToken"] or pod["enableServiceLinks"]:
        yield "the pod gets a token, or variables of Services"
    if any("hostPath" in volume for volume in pod.get("volumes", [])) or len(pod["containers"]) != 1:
        yield "the pod has a path of its node, or a second container"


def _one(objects: list[Object], kind: str, name: str) -> Object:
    found = [each for each in objects if each["kind"] == kind and each["metadata"]["name"] == name]
    if len(found) != 1:
        raise LookupError(f"{len(found)} objects are {kind} {name}")
    return found[0]


def _seconds(text: str) -> int:
    return int(text.removesuffix("s"))


def _mebibytes(text: str) -> int:
    return int(re.sub("Mi(B)?$", "", text))
