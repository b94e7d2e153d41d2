# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Whether Services and Prometheus lead to the pods, and tell what is spoken there."""

import re
from collections.abc import Iterator

from verification.deployment.objects import Object, Workload, of_kind, one

PEERS = "wasm-server-peers"


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
