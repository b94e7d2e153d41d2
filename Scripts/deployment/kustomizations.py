# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Whether lines of a kustomization may be uncommented one by one."""

import re

from deployment.report import ROOT, Report

KEY = re.compile(r"^(?:# *)?([A-Za-z]+):", re.MULTILINE)
FIELDS = {"resources", "components", "patches", "images", "labels", "namespace", "configMapGenerator", "secretGenerator"}


def check(report: Report) -> None:
    """A key that is duplicated counts once, without a word: what the other one says is lost."""
    twice = []
    for path in sorted((ROOT / "deploy" / "kubernetes").rglob("kustomization.yaml")):
        keys = [key for key in KEY.findall(path.read_text()) if key in FIELDS]
        twice += [f"{path.relative_to(ROOT)}: {key}" for key in FIELDS if keys.count(key) > 1]
    report.check("no kustomization has a key twice, comments taken in", not twice, ", ".join(twice))
