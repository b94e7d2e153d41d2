# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What the server and `probe` say in JSON, against the schemas that are promised (docs/schemas)."""

import json
import shutil
import signal
import tempfile
import time
import urllib.request
from pathlib import Path

import jsonschema

from deployment.report import ROOT, Report, run
from deployment.serving import Serving, serving

SCHEMAS = ROOT / "docs" / "schemas"
DEMO = ROOT / "Sources/wasm-server/Demo/plugin.wasm"
KEPT_LIMIT = 20.0


def check(server: Path, report: Report) -> None:
    for schema in sorted(SCHEMAS.glob("*.json")):
        jsonschema.Draft202012Validator.check_schema(json.loads(schema.read_text()))
    with tempfile.TemporaryDirectory() as folder:
        modules = Path(folder) / "modules"
        (modules / "ai proxy/1.0.0").mkdir(parents=True)
        shutil.copyfile(DEMO, modules / "ai proxy/1.0.0/plugin.wasm")
        (modules / "plugin.wasm").write_bytes(_module("one"))
        (modules / "bad.wasm").write_text("<html>")
        with serving(server, Path(folder), modules) as running:
            _get(f"{running.url}/plugin.wasm")
            _replace(modules / "plugin.wasm", running)
            listing = _listing(running)
            _require("modules", listing, report)
            states = {module["state"] for module in listing["modules"]}
            report.check("/modules lists modules of each state", states == {"current", "kept", "rejected"}, ", ".join(states))
            fetched = any("lastFetched" in module for module in listing["modules"])
            report.check("and one that was fetched", fetched)
            for flags, outcome in ([], "failed"), (["--module", "/plugin.wasm"], "ok"):
                _probe(server, [running.url, *flags], outcome, report)
    _probe(server, ["http://127.0.0.1:1"], "unreachable", report)


def _probe(server: Path, arguments: list[str], outcome: str, report: Report) -> None:
    done = run(server, "probe", *arguments, "--output", "json")
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


def _module(name: str) -> bytes:
    """The demo plugin and an empty custom section (WebAssembly core specification, 5.5.3)."""
    return DEMO.read_bytes() + bytes([0, len(name) + 1, len(name)]) + name.encode()


def _replace(file: Path, running: Serving) -> None:
    """Has a module replaced, and waits until the one before it is kept."""
    new = file.with_name(".new")
    new.write_bytes(_module("two"))
    new.rename(file)
    running.process.send_signal(signal.SIGHUP)
    limit = time.monotonic() + KEPT_LIMIT
    while not any(module["state"] == "kept" for module in _listing(running)["modules"]):
        if time.monotonic() > limit:
            raise RuntimeError(f"{file} is not served in the place of the one before it")
        time.sleep(0.1)


def _listing(running: Serving) -> dict:
    return json.loads(_get(f"{running.url}/modules"))


def _get(url: str) -> bytes:
    """Asks this machine, whatever proxy there is for others."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=10) as answer:
        return answer.read()
