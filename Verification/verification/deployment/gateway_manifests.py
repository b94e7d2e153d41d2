# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What `wasm-server config` prints, against the published CustomResourceDefinitions."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import yaml

from verification.programs import ROOT, run
from verification.report import Report
from verification.server.process import WasmServer

TARGETS = {"envoy-filter": "EnvoyFilter", "istio-wasmplugin": "WasmPlugin", "envoy-gateway": "EnvoyExtensionPolicy"}
HTTP = "http://wasm-server.example.com:8082"
HTTPS = "https://wasm-server.example.com:8443"
PLUGIN = 'header: "x: \\"y\\""\nlist: [1, true, null, {a: b}]\n'


def check(binary: Path, report: Report) -> None:
    schemas = dict(_schemas())
    with tempfile.TemporaryDirectory() as work, WasmServer(binary, [], "--demo", "--drain-delay", "0") as server:
        plugin = Path(work) / "plugin.yaml"
        plugin.write_text(PLUGIN)
        url = f"http://127.0.0.1:{server.port}"
        for target, kind in TARGETS.items():
            for name, options, what in (
                (HTTP, [], ""),
                (HTTP, ["--plugin-config", plugin], " with a plugin configuration"),
                (HTTP, ["--output", "json"], " in JSON"),
                (HTTPS, [], " over TLS"),
            ):
                done = run(binary, "config", "--for", target, "--url", url, "--as", name, *options, "plugin")
                printed = f"{kind} of `config --for {target}`{what}"
                if report.check(f"{printed} is printed", done.returncode == 0, done.stderr):
                    problems = _problems(yaml.safe_load(done.stdout), schemas)
                    report.check(f"{printed} is valid", not problems, problems)
    example = ROOT / "deploy/kubernetes/overlays/envoy-gateway/extension-policy.example.yaml"
    problems = _problems(yaml.safe_load(example.read_text()), schemas)
    report.check(f"{example.name} is valid", not problems, problems)


def _problems(document: dict, schemas: dict) -> str:
    schema = schemas.get((document["apiVersion"], document["kind"]))
    if schema is None:
        return f"there is no definition of {document['apiVersion']} {document['kind']}"
    return "; ".join(
        f"{error.json_path}: {error.message}" for error in jsonschema.Draft202012Validator(schema).iter_errors(document)
    )


def _schemas() -> Iterator[tuple[tuple[str, str], dict]]:
    for path in sorted((ROOT / "Tests" / "crds").glob("*.yaml")):
        spec = yaml.safe_load(path.read_text())["spec"]
        for version in spec["versions"]:
            yield (f"{spec['group']}/{version['name']}", spec["names"]["kind"]), _strict(version["schema"]["openAPIV3Schema"])


def _strict(schema: object) -> object:
    """A schema that rejects what the API server would drop: members that it does not name."""
    if isinstance(schema, list):
        return [_strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {key: _strict(value) for key, value in schema.items()}
    free = schema.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in schema
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object" and not free:
        strict["additionalProperties"] = False
        # The API server knows these of every object.
        if {"spec"} <= schema["properties"].keys():
            strict["properties"] = {"apiVersion": {}, "kind": {}, "metadata": {}, **strict["properties"]}
    return strict
