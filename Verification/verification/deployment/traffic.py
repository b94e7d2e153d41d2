# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Who reaches the pods, and whom they reach: Services, Prometheus, and the NetworkPolicy."""

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from verification.deployment.objects import Object, Workload, of_kind, one

PEERS = "wasm-server-peers"
DNS = {53, 5353}


def services(objects: list[Object]) -> Iterator[str]:
    """Whether Services lead to the pods, and tell which protocol is spoken there."""
    workload = Workload(objects)
    data = "https" if "WASM_SERVER_TLS_CERTIFICATE" in workload.environment else "kubernetes.io/h2c"
    protocols = {"http": data, "operations": "http"}
    for service in of_kind(objects, "Service"):
        name = service["metadata"]["name"]
        if not workload.is_selected_by(service["spec"]["selector"]):
            yield f"Service {name} selects no pod"
        for port in service["spec"]["ports"]:
            if port["targetPort"] not in workload.ports:
                yield f"Service {name} has a port that no container has"
            elif port.get("appProtocol") != protocols[port["targetPort"]]:
                yield f"Service {name} does not say that {protocols[port['targetPort']]} is spoken on {port['name']}"
    peers = one(objects, "Service", PEERS)["spec"]
    if peers["clusterIP"] != "None" or workload.environment["WASM_SERVER_PEERS"] != PEERS:
        yield "replicas do not find each other by a headless Service"
    if not peers.get("publishNotReadyAddresses"):
        yield "a replica that ends is not found by the one that takes over from it"
    options = {option["name"]: option.get("value") for option in workload.pod.get("dnsConfig", {}).get("options", [])}
    if options.get("timeout") != "1" or int(options.get("attempts", "0")) < 2:
        yield "a lost query for peers is not sent again within a second"


def monitoring(objects: list[Object]) -> Iterator[str]:
    """Whether Prometheus is led to the metrics, under the job that the alerts name; where there is a ServiceMonitor at all."""
    found_services = of_kind(objects, "Service")
    jobs = set()
    for monitor in of_kind(objects, "ServiceMonitor"):
        wanted = monitor["spec"]["selector"]["matchLabels"]
        found = [each for each in found_services if wanted.items() <= each["metadata"].get("labels", {}).items()]
        if len(found) != 1:
            yield f"the ServiceMonitor selects {len(found)} Services instead of one"
        for service in found:
            ports = {port["name"]: port["targetPort"] for port in service["spec"]["ports"]}
            if any(ports.get(endpoint["port"]) != "operations" for endpoint in monitor["spec"]["endpoints"]):
                yield "the ServiceMonitor names a port that is not that of operations"
            # Without `jobLabel` the operator names the job for the Service.
            jobs.add(monitor["spec"].get("jobLabel") or service["metadata"]["name"])
    rules = [rule for each in of_kind(objects, "PrometheusRule") for group in each["spec"]["groups"] for rule in group["rules"]]
    named = {job for rule in rules for job in re.findall(r'job="([^"]*)"', rule["expr"])}
    if not named <= jobs:
        yield f"alerts are about the job {', '.join(named - jobs)}, and the ServiceMonitor makes {', '.join(jobs) or 'none'}"


def network(objects: list[Object]) -> Iterator[str]:
    """Whether the NetworkPolicy lets in and out who has to, and nobody else."""
    workload = Workload(objects)
    policy = one(objects, "NetworkPolicy")["spec"]
    if not workload.is_selected_by(policy["podSelector"].get("matchLabels")):
        yield "the NetworkPolicy selects no pod"
    if set(policy["policyTypes"]) != {"Ingress", "Egress"}:
        yield "the NetworkPolicy is not about both directions"
    ingress = [(rule.get("from", []), _ports(rule)) for rule in policy["ingress"]]
    egress = [(rule.get("to", []), _ports(rule)) for rule in policy["egress"]]
    yield from _too_wide(ingress + egress)
    own = {("TCP", port) for port in workload.ports.values()}
    if {port for _, ports in ingress for port in ports} != own:
        yield "the NetworkPolicy does not let in exactly what the container listens for"
    for direction, rules in (("in", ingress), ("out", egress)):
        open_to_peers = {port for peers, ports in rules for port in ports if any(_is_peer(peer, workload) for peer in peers)}
        for _, port in sorted(own - open_to_peers):
            yield f"the NetworkPolicy does not let peers {direction} at port {port}"
    collector = _collector(workload)
    if collector and not any(ports == collector for _, ports in egress):
        yield "the NetworkPolicy does not let the server out to its collector"
    for peers, ports in egress:
        is_for_peers = ports <= own and all(_is_peer(peer, workload) for peer in peers)
        is_for_collector = ports == collector and all("namespaceSelector" in peer for peer in peers)
        if not {port for _, port in ports} <= DNS and not is_for_peers and not is_for_collector:
            yield "the NetworkPolicy lets out more than peers, DNS and a collector that is named"
    if not any(
        {("UDP", 53), ("TCP", 53)} <= ports and any("namespaceSelector" in peer for peer in peers) for peers, ports in egress
    ):
        yield "the NetworkPolicy has no rule for the cluster's DNS"


def _collector(workload: Workload) -> set[tuple[str, int]]:
    """The port of the collector that the server is told of; none without one."""
    endpoint = workload.environment.get("WASM_SERVER_OTLP_ENDPOINT")
    return {("TCP", port)} if endpoint and (port := urlsplit(endpoint).port) else set()


def _ports(rule: Object) -> set[tuple[str, int]]:
    return {(port["protocol"], port["port"]) for port in rule.get("ports", [])}


def _is_peer(peer: Object, workload: Workload) -> bool:
    return set(peer) == {"podSelector"} and workload.is_selected_by(peer["podSelector"].get("matchLabels"))


def _too_wide(rules: list[tuple[list[Object], set[tuple[str, int]]]]) -> Iterator[str]:
    """An empty list of peers or ports, and an empty selector, stand for all."""
    for peers, ports in rules:
        if not peers or not ports:
            yield "the NetworkPolicy has a rule for everyone, or for every port"
        for peer in peers:
            if "ipBlock" in peer:
                if ipaddress.ip_network(peer["ipBlock"]["cidr"]).num_addresses != 1:
                    yield f"the NetworkPolicy has a rule for all of {peer['ipBlock']['cidr']}"
            elif peer.get("namespaceSelector") == {} or not any(selector.get("matchLabels") for selector in peer.values()):
                yield "the NetworkPolicy has a rule for every namespace, or for every pod"
