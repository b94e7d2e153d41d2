# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The alerts, by Prometheus' own tool; and that they use metrics which the server has."""

import re
import tempfile
from pathlib import Path

import yaml

from deployment.report import ROOT, Report, run

FOLDER = ROOT / "deploy" / "kubernetes" / "components" / "monitoring"


def check(report: Report) -> None:
    rules = yaml.safe_load((FOLDER / "alerts.yaml").read_text())["spec"]
    alerts = [rule for group in rules["groups"] for rule in group["rules"]]
    tests = (FOLDER / "alerts.test.yaml").read_text()
    packaged = ROOT / ".build-tools" / "prometheus" / "usr" / "bin" / "promtool"
    promtool = packaged if packaged.exists() else "promtool"
    with tempfile.TemporaryDirectory() as work:
        (Path(work) / "alerts.yaml").write_text(yaml.safe_dump(rules))
        (Path(work) / "alerts.test.yaml").write_text(tests)
        checked = run(promtool, "check", "rules", "alerts.yaml", cwd=Path(work))
        report.check("promtool check rules", checked.returncode == 0, checked.stdout + checked.stderr)
        tested = run(promtool, "test", "rules", "alerts.test.yaml", cwd=Path(work))
        report.check("promtool test rules", tested.returncode == 0, tested.stdout + tested.stderr)
    untested = [rule["alert"] for rule in alerts if rule["alert"] not in tests]
    report.check("every alert is tested", not untested, ", ".join(untested))
    mute = [rule["alert"] for rule in alerts if not {"summary", "description", "action"} <= set(rule["annotations"])]
    report.check("every alert says what it means and what to do", not mute, ", ".join(mute))
    sources = "".join(path.read_text() for path in (ROOT / "Sources").rglob("*.swift"))
    used = {name for rule in alerts for name in re.findall(r"\bwasm_server_[a-z_]+", rule["expr"])}
    unknown = [name for name in used if name not in sources]
    report.check("alerts use metrics that the server has", not unknown, ", ".join(unknown))
