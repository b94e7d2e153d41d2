# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What both ports answer, as others judge it: docs/openapi.yaml by schemathesis, metrics by Prometheus' own reader."""

import re
import sys
import tempfile
from pathlib import Path

from prometheus_client.openmetrics import parser as openmetrics

from verification.clients import http1
from verification.programs import ROOT, run
from verification.report import Report
from verification.server.process import WasmServer

OPENAPI = ROOT / "docs" / "openapi.yaml"
EXAMPLES = 40
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
OPENMETRICS = "application/openmetrics-text;version=1.0.0"


def check(binary: Path, report: Report) -> None:
    with WasmServer(binary, [], "--demo", "--drain-delay", "0") as server:
        http1.get(server.port, "/plugin.wasm", f"traceparent: 00-{TRACE}-00f067aa0ba902b7-01", host=server.host)
        for tag in "data", "operations":
            _check_openapi(f"http://{server.host}:{server.ports[tag]}", tag, report)
        _check_openmetrics(server, report)


def _check_openapi(url: str, tag: str, report: Report) -> None:
    command = [Path(sys.executable).parent / "schemathesis", "run", OPENAPI, "--url", url, "--include-tag", tag]
    # It keeps what it has found where it is run.
    with tempfile.TemporaryDirectory() as folder:
        done = run(*command, "--max-examples", EXAMPLES, "--no-color", "--exclude-deprecated", cwd=folder)
    tested = re.search(r"Tested: (\d+)", done.stdout)
    found = done.returncode == 0 and tested is not None and int(tested[1]) >= 3
    report.check(f"schemathesis finds nothing at {url}", found, "" if found else done.stdout[-3000:] + done.stderr[-1000:])


def _check_openmetrics(server: WasmServer, report: Report) -> None:
    response = http1.get(server.ports["operations"], "/metrics", f"accept: {OPENMETRICS}", host=server.host)
    kind = response.fields.get("content-type", "") if response else ""
    report.check(
        "metrics are OpenMetrics for who asks for that", kind.startswith("application/openmetrics-text; version=1.0.0"), kind
    )
    text = response.body.decode() if response else ""
    try:
        families = list(openmetrics.text_string_to_metric_families(text))
    except ValueError as error:
        report.check("Prometheus' own reader reads them", False, str(error))
        return
    report.check("Prometheus' own reader reads them", len(families) > 20, f"{len(families)} families")
    exemplars = {sample.exemplar.labels["trace_id"] for family in families for sample in family.samples if sample.exemplar}
    report.check("a request's trace is named as an exemplar", exemplars == {TRACE}, ", ".join(exemplars))
