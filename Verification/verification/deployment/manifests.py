# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Every overlay, and every component by itself, rendered without a cluster; and what has to be true of what comes."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from verification.deployment import rules
from verification.deployment.objects import Object
from verification.programs import ROOT, TOOLS, run
from verification.report import Report

KUBERNETES = ROOT / "deploy" / "kubernetes"
# The oldest that the manifests are for, as deploy/README.md says, the oldest for modules in images, and the newest there is.
OLDEST, OLDEST_WITH_IMAGE_VOLUMES, NEWEST = "1.29", "1.33", "1.37"
KEY = re.compile(r"^(?:# *)?([A-Za-z]+):", re.MULTILINE)
FIELDS = {"resources", "components", "patches", "images", "labels", "namespace", "configMapGenerator", "secretGenerator"}
OTHERS = re.compile(r"coreos\.com|cert-manager\.io")
# An overlay that combines components, as README.md says.
TOGETHER = """apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: wasm-server
resources: [../base]
components:
  - ../components/monitoring
  - ../components/mutual-tls
  - ../components/openshift
  - ../components/pvc
  - ../components/tracing
"""


def render(folder: Path, report: Report) -> dict[str, list[Object]]:
    """Renders into a folder; returns the objects of each overlay by its name."""
    folders = sorted(path.parent for path in (KUBERNETES / "overlays").rglob("kustomization.yaml"))
    overlays = {path: path.relative_to(KUBERNETES / "overlays") for path in folders}
    rendered = {}
    with kustomization(TOGETHER) as together:
        for path, name in {**overlays, together: "all-components"}.items():
            done = run("kubectl", "kustomize", path)
            if not report.check(f"{name}: renders", done.returncode == 0, done.stderr):
                continue
            label = str(name).replace("/", "-")
            (folder / f"{label}.yaml").write_text(done.stdout)
            rendered[label] = [each for each in yaml.safe_load_all(done.stdout) if each]
    return rendered


@contextmanager
def kustomization(text: str) -> Iterator[Path]:
    """A folder with it, beside base, overlays and components, for as long as it takes to render it."""
    folder = KUBERNETES / ".check"
    folder.mkdir(exist_ok=True)
    try:
        (folder / "kustomization.yaml").write_text(text)
        yield folder
    finally:
        (folder / "kustomization.yaml").unlink(missing_ok=True)
        folder.rmdir()


def validate(folder: Path, report: Report) -> None:
    """Against the schemas of Kubernetes; what is not of Kubernetes itself has none there."""
    tools = TOOLS / "deploy" / "bin"
    documents = {file.name: list(yaml.safe_load_all(file.read_text())) for file in sorted(folder.glob("*.yaml"))}
    with_images = {name for name, objects in documents.items() if any(map(_has_image_volume, objects))}
    for version, names in {
        OLDEST: documents.keys() - with_images,
        OLDEST_WITH_IMAGE_VOLUMES: with_images,
        NEWEST: documents.keys(),
    }.items():
        own = folder / version
        own.mkdir()
        for name in names:
            (own / name).write_text(yaml.safe_dump_all([each for each in documents[name] if not OTHERS.search(each["apiVersion"])]))
        files = sorted(own.glob("*.yaml"))
        validate = [tools / "kubernetes-validate", "--strict", "--quiet", "-k", f"{version}.0"]
        report.check_run(f"{len(files)} overlays are valid for Kubernetes {version}", *validate, *files)
    # By the interpreter, as the script's own first line cannot have a folder with a space in its name.
    checkov = [tools / "python3", tools / "checkov", "--quiet", "--compact", "--framework", "kubernetes"]
    claim = "Checkov finds nothing but what is answered beside it"
    report.check_run(claim, *checkov, "-d", folder, "--skip-path", "1\\.")


def _has_image_volume(each: Object) -> bool:
    return each["kind"] == "Deployment" and any("image" in volume for volume in each["spec"]["template"]["spec"].get("volumes", []))


def inspect(name: str, objects: list[Object], report: Report) -> None:
    """What is true of every overlay."""
    report.check_none(f"{name}: probes, drain, policies, labels and names fit together", rules.problems(name, objects), "; ")


def check_keys(report: Report) -> None:
    """Whether lines of a kustomization may be uncommented one by one.

    A key that is duplicated counts once, without a word: what the other one says is lost.
    """
    twice = []
    for path in sorted(KUBERNETES.rglob("kustomization.yaml")):
        keys = [key for key in KEY.findall(path.read_text()) if key in FIELDS]
        twice += [f"{path.relative_to(ROOT)}: {key}" for key in FIELDS if keys.count(key) > 1]
    report.check_none("no kustomization has a key twice, comments taken in", twice)
