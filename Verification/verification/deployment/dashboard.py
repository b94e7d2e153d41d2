# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Grafana's dashboard: a Prometheus that has scraped a server answers its queries, out of metrics that the server has."""

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from verification.clients.sockets import LOOPBACK
from verification.deployment import certificate
from verification.deployment.prometheus import Prometheus
from verification.programs import ROOT
from verification.report import Report
from verification.server.process import WasmServer

DASHBOARD = ROOT / "deploy" / "grafana" / "wasm-server.json"
DATASOURCE = "${datasource}"
OURS = re.compile(r"\b(?:wasm_server|process)_[a-z_]+")
# What Prometheus, Kubernetes and the kubelet have besides, which need not be there.
OTHERS = re.compile(r"\b(?:ALERTS|kube_[a-z_]+|container_[a-z_]+)\b")
# What Grafana puts in place of variables, here for all namespaces and modules, and for so few scrapes.
VARIABLES = {"$__rate_interval": "10s", "$namespace": ".*", "$module": ".*"}


def check(binary: Path, report: Report) -> None:
    text = DASHBOARD.read_text()
    dashboard = json.loads(text)
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    queries = [query for panel in panels for query in panel["targets"]] + dashboard["annotations"]["list"]
    _check_members(dashboard, panels, queries, report)
    with tempfile.TemporaryDirectory() as folder, _server(binary, Path(folder)) as server:
        exposed = set(re.findall(r"^[a-z_]+", server.operations("/metrics"), re.MULTILINE))
        report.check_none("the dashboard is of metrics that a server exposes", sorted(set(OURS.findall(text)) - exposed))
        with Prometheus(server, Path(folder)) as prometheus:
            problems = list(_problems([query["expr"] for query in queries], prometheus))
    report.check_none(f"Prometheus answers {len(queries)} queries of the dashboard", problems, "; ")


def _check_members(dashboard: dict, panels: list[dict], queries: list[dict], report: Report) -> None:
    """What lets any Grafana take it, and a reader understand it."""
    report.check("the dashboard is of no one Grafana", dashboard["id"] is None and "__inputs" not in dashboard)
    variables = [variable for variable in dashboard["templating"]["list"] if variable["type"] == "query"]
    used = {each["datasource"]["uid"] for each in [*panels, *queries, *variables]}
    report.check("all of the dashboard asks the source of data that is chosen", used == {DATASOURCE}, used)
    odd = [panel["title"] for panel in panels if not (panel["description"] and panel["fieldConfig"]["defaults"].get("unit"))]
    report.check_none("every panel of the dashboard has a unit, and says what it shows", odd)


def _server(binary: Path, folder: Path) -> WasmServer:
    """A server that has every metric: with TLS, authorities and peers."""
    peers = ["--peers", f"{LOOPBACK}:1", "--adopt-timeout", "100ms"]
    return WasmServer(binary, [], "--demo", "--drain-delay", "0", *certificate.flags(folder), *peers)


def _problems(expressions: list[str], prometheus: Prometheus) -> Iterator[str]:
    for expression in expressions:
        filled = expression
        for name, value in VARIABLES.items():
            filled = filled.replace(name, value)
        answer = prometheus.query(filled)
        if answer["status"] != "success":
            yield f"{expression}: {answer['error']}"
        elif not answer["data"]["result"] and not OTHERS.search(expression):
            yield f"{expression}: nothing comes"
