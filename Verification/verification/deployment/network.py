# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Who is let in and out by the NetworkPolicy."""

import ipaddress
from collections.abc import Iterator

from verification.deployment.objects import Object, Workload, one

DNS = {53, 5353}


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
    data = workload.ports["http"]
    if {port for _, ports in ingress for _, port in ports} != set(workload.ports.values()):
        yield "the NetworkPolicy does not let in exactly what the container listens for"
    for direction, rules in (("in", ingress), ("out", egress)):
        if not any(_is_peer(peer, workload) for peers, ports in rules for peer in peers if ("TCP", data) in ports):
            yield f"the NetworkPolicy does not let peers {direction}"
    for peers, ports in egress:
        if not {port for _, port in ports} <= DNS and (
            ports != {("TCP", data)} or not all(_is_peer(peer, workload) for peer in peers)
        ):
            yield "the NetworkPolicy lets out more than peers and DNS"
    if not any(
        {("UDP", 53), ("TCP", 53)} <= ports and any("namespaceSelector" in peer for peer in peers) for peers, ports in egress
    ):
        yield "the NetworkPolicy has no rule for the cluster's DNS"


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
