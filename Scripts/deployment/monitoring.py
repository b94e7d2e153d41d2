# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Whether Prometheus is led to the metrics, under the job that the alerts name; where there is a ServiceMonitor at all."""

import re
from collections.abc import Iterator

from deployment.objects import Object, of_kind


def problems(objects: list[Object]) -> Iterator[str]:
    services = of_kind(objects, "Service")
    jobs = set()
    for monitor in of_kind(objects, "ServiceMonitor"):
        wanted = monitor["spec"]["selector"]["matchLabels"]
        found = [each for each in services if wanted.items() <= each["metadata"].get("labels", {}).items()]
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
