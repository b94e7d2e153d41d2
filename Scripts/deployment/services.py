# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Whether Services lead to the pods, and tell which protocol is spoken there."""

from collections.abc import Iterator

from deployment.objects import Object, Workload, of_kind, one

PEERS = "wasm-server-peers"


def problems(objects: list[Object]) -> Iterator[str]:
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
