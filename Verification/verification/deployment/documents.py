# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What the server and `probe` say in JSON, against the schemas that are promised (docs/schemas)."""

import json
import shutil
import tempfile
from pathlib import Path

import jsonschema

from verification.programs import ROOT, VerificationError, run
from verification.report import Report
from verification.server.process import WasmServer
from verification.sources.module import DEMO, Module, custom_section
from verification.threads import seconds_until

SCHEMAS = ROOT / "docs" / "schemas"
KEPT_LIMIT = 20.0


def check(binary: Path, report: Report) -> None:
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
            for flags, outcome in ([], "failed"), (["--module", "/plugin.wasm"], "ok"):
                _probe(binary, [f"http://127.0.0.1:{server.port}", *flags], outcome, report)
    _probe(binary, ["http://127.0.0.1:1"], "unreachable", report)


def _probe(binary: Path, arguments: list[str], outcome: str, report: Report) -> None:
    done = run(binary, "probe", *arguments, "--output", "json")
    document = json.loads(done.stdout)
    _require("probe", document, report)
    report.check(f"`probe` says '{outcome}' where it is so", document["outcome"] == outcome, document["outcome"])


def _require(name: str, document: dict, report: Report) -> None:
    schema = _closed(json.loads((SCHEMAS / f"{name}.schema.json").read_text()))
    problems = [f"{each.json_path}: {each.message}" for each in jsonschema.Draft202012Validator(schema).iter_errors(document)]
    report.check(f"the live answer is what {name}.schema.json promises, and no more", not problems, "; ".join(problems))


def _closed(schema: object) -> object:
    """A schema that takes no members and values but those that it names: what is not promised is not said either."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if schema.get("type") == "object":
        closed["additionalProperties"] = False
    if "examples" in schema:
        closed["enum"] = schema["examples"]
    return closed


def _module(name: bytes) -> Module:
    """The demo plugin and an empty custom section."""
    return Module.made(DEMO.read_bytes() + custom_section(name))


def _replace(file: Path, server: WasmServer) -> None:
    """Has a module replaced, and waits until the one before it is kept."""
    _module(b"two").replace(file)
    server.reload()
    if seconds_until(lambda: server.modules("kept"), KEPT_LIMIT) is None:
        raise VerificationError(f"{file} is not served in the place of the one before it")
