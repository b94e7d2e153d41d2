# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The alerts, by Prometheus' own tool; that they use metrics which the server has, and lead to what to do."""

import re
import tempfile
from pathlib import Path

import yaml

from verification.deployment.manifests import KUBERNETES, kustomization
from verification.deployment.prometheus import program
from verification.programs import ROOT, run
from verification.report import Report

FOLDER = KUBERNETES / "components" / "monitoring"
RUNBOOK = ROOT / "docs" / "runbook.md"
ANNOTATIONS = {"summary", "description", "runbook_url"}
SEVERITIES = {"critical", "warning", "info"}


def check(report: Report) -> None:
    rules = yaml.safe_load((FOLDER / "alerts.yaml").read_text())["spec"]
    alerts = [rule for group in rules["groups"] for rule in group["rules"]]
    _check_with_promtool(rules, report)
    _check_tests([rule["alert"] for rule in alerts], report)
    odd = [rule["alert"] for rule in alerts if set(rule["annotations"]) != ANNOTATIONS]
    report.check_none("every alert says what it means, and has the annotations that are usual", odd)
    odd = [rule["alert"] for rule in alerts if rule["labels"].get("severity") not in SEVERITIES]
    report.check_none("every alert has a severity that is usual", odd)
    sources = "".join(path.read_text() for path in (ROOT / "Sources").rglob("*.swift"))
    used = {name for rule in alerts for name in re.findall(r"\bwasm_server_[a-z_]+", rule["expr"])}
    report.check_none("alerts use metrics that the server has", [name for name in used if name not in sources])
    _check_runbook(alerts, report)


def _check_with_promtool(rules: dict, report: Report) -> None:
    promtool = program("promtool")
    with tempfile.TemporaryDirectory() as work:
        (Path(work) / "alerts.yaml").write_text(yaml.safe_dump(rules))
        (Path(work) / "alerts.test.yaml").write_text((FOLDER / "alerts.test.yaml").read_text())
        report.check_run("promtool check rules", promtool, "check", "rules", "alerts.yaml", cwd=Path(work))
        report.check_run("promtool test rules", promtool, "test", "rules", "alerts.test.yaml", cwd=Path(work))


def _check_tests(alerts: list[str], report: Report) -> None:
    """Each alert is seen to fire; and not to, where it is asked for by its name."""
    tests = yaml.safe_load((FOLDER / "alerts.test.yaml").read_text())["tests"]
    expectations = [each for test in tests for each in test["promql_expr_test"]]
    fires, rests = set(), set()
    for each in expectations:
        named = set(re.findall(r'alertname="(\w+)"', each["expr"]))
        if each["exp_samples"]:
            labels = " ".join(sample["labels"] for sample in each["exp_samples"])
            fires |= named | set(re.findall(r'alertname="(\w+)"', labels))
        else:
            rests |= named
    report.check_none("every alert is seen to fire", [alert for alert in alerts if alert not in fires])
    unseen = [alert for alert in alerts if alert not in rests]
    report.check_none("every alert is seen not to fire where it comes close", unseen)


def _check_runbook(alerts: list[dict], report: Report) -> None:
    """Each alert has a section; and the address before its name can be replaced as the page says."""
    page = RUNBOOK.read_text()
    sections = re.findall(r"^## (\w+)$", page, re.MULTILINE)
    place = RUNBOOK.relative_to(ROOT)
    odd = [
        rule["alert"]
        for rule in alerts
        if rule["annotations"]["runbook_url"] != f"{place}#{rule['alert'].lower()}" or sections.count(rule["alert"]) != 1
    ]
    report.check_none("every alert leads to its section of the runbook", odd)
    example = re.search(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    if not report.check("the runbook says how to replace its address", example is not None):
        return
    address = yaml.safe_load(example[1])["configMapGenerator"][0]["literals"][0].removeprefix("url=")
    with kustomization(example[1]) as folder:
        done = run("kubectl", "kustomize", folder)
    urls = {f"{address}#{rule['alert'].lower()}" for rule in alerts}
    replaced = set(re.findall(r"^ *runbook_url: (\S+)$", done.stdout, re.MULTILINE))
    report.check("the runbook's address can be replaced as it says", replaced == urls, done.stderr or str(replaced ^ urls))
    report.check("what only holds that address is not applied", "wasm-server-runbook" not in done.stdout)
