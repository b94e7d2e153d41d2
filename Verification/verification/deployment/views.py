# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What the views of the operations port say in JSON, against docs/schemas: of servers in each state that a schema tells of."""

import json
import shutil
import tempfile
from pathlib import Path

from verification.clients.sockets import LOOPBACK
from verification.deployment import certificate
from verification.deployment.schemas import require
from verification.programs import VerificationError
from verification.report import Report
from verification.server.process import WasmServer, free_ports
from verification.sources.module import DEMO, Module, put
from verification.threads import seconds_until

LIMIT = 20.0
VIEWS = {"/": "status", "/peers": "peers", "/certificates": "certificates", "/settings": "settings"}
# A variable that is nearly one of the program.
MISSPELT = ("env", "WASM_SERVER_RETIAN=1h")


def check(binary: Path, report: Report) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        modules = folder / "modules"
        (modules / "ai proxy/1.0.0").mkdir(parents=True)
        shutil.copyfile(DEMO, modules / "ai proxy/1.0.0/plugin.wasm")
        Module.demo(b"one").write(modules / "plugin.wasm")
        # Replicas tell of their clients if they have peers; nobody listens there.
        flags = ["--peers", f"{LOOPBACK}:1", "--adopt-timeout", "100ms", "--drain-delay", "0"]
        with (
            WasmServer(binary, [modules], *certificate.flags(folder), *flags) as secure,
            WasmServer(binary, [modules], *flags) as peer,
        ):
            _check_peers(binary, modules, (secure.ports["tls"], peer.port), report)
            _check_certificates(secure, folder / "tls.key", report)
        with WasmServer(binary, [modules], "--fleet-clients", "0", "--drain-delay", "0") as server:
            _check_views(server, report)
            report.check("nobody is counted where nobody is remembered", "gateways" not in _view(server, "/"))
            problem = _view(server, "/fleet")
            is_told = problem.get("status") == 404 and "--fleet-clients" in problem["detail"]
            report.check("and programs are told why", is_told, problem)


def _check_peers(binary: Path, modules: Path, ports: tuple[int, int], report: Report) -> None:
    """One that tells, one that expects TLS, and one that is gone; and modules in each state."""
    peers = [word for port in (*ports, *free_ports(1)) for word in ("--peers", f"{LOOPBACK}:{port}")]
    with WasmServer(binary, [modules], *peers, "--drain-delay", "0", wrapper=MISSPELT) as server:
        _await(lambda: len({peer["state"] for peer in _view(server, "/peers")["peers"]}) == 3, "peers in each state")
        _await(lambda: any("lastTold" in each for each in _view(server, "/peers")["replicas"]), "clients of a peer")
        server.get("/plugin.wasm")
        Module.demo(b"two").replace(modules / "plugin.wasm")
        server.reload()
        _await(lambda: server.modules("kept"), "a module that is kept")
        for name in "plugin.wasm", "new.wasm":
            put(modules / name, b"<html>")
        server.reload()
        _await(lambda: server.rejected == 2, "two that are rejected")
        _check_views(server, report)
        status, module = _view(server, "/"), _view(server, "/modules/plugin.wasm")
        levels = sorted({finding["level"] for finding in status["findings"]})
        report.check("/ has what needs attention, and what is worth knowing", levels == ["attention", "note"], ", ".join(levels))
        report.check("a module tells what it was before, and what was rejected after", "rejected" in module, module)
        report.check("and when it was served", len(module["history"]) == 2, module["history"])
        report.check("a variable that is none is a warning", _view(server, "/settings")["warnings"] != [])


def _check_certificates(server: WasmServer, key: Path, report: Report) -> None:
    """Of a good pair, and once its key is none any more."""
    _check_views(server, report)
    put(key, b"nothing")
    server.reload()
    _await(lambda: "problem" in _view(server, "/certificates"), "a key that cannot be used")
    _check_views(server, report)
    found = [finding["view"] for finding in _view(server, "/")["findings"] if finding["subject"] == "tls"]
    report.check("/ leads to what is wrong with the certificate", found == ["/certificates"], found)


def _check_views(server: WasmServer, report: Report) -> None:
    for path, name in VIEWS.items():
        require(name, _view(server, path), report)
    paths = {module[key] for module in server.listing()["modules"] for key in ("path", "digestPath") if key in module}
    for path in sorted(paths):
        require("module", _view(server, f"/modules{path}"), report)


def _view(server: WasmServer, path: str) -> dict:
    return json.loads(server.operations(path))


def _await(condition: object, what: str) -> None:
    if seconds_until(condition, LIMIT) is None:
        raise VerificationError(f"the server does not tell of {what}")
