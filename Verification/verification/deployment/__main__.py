# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Checks what is deployed, without a cluster: manifests, alerts, the dashboard, printed configuration, documents in JSON,
what both ports answer, and every shell script.

Scripts/install-tools deploy test installs what it needs.
"""

import tempfile
from pathlib import Path

from verification.command import DEBUG_SERVER, Arguments, finish
from verification.deployment import alerts, dashboard, documents, interface, manifests, mutations, views
from verification.programs import listed_files
from verification.report import Report

NAME = "check-deploy"
# How the first line of a shell script begins.
SHELLS = (b"#!/usr/bin/env bash", b"#!/bin/bash", b"#!/bin/sh", b"# shellcheck shell=bash")


def main() -> int:
    given = Arguments(NAME, __doc__, DEBUG_SERVER).given()
    report = Report(NAME)
    with tempfile.TemporaryDirectory() as folder:
        rendered = manifests.render(Path(folder), report)
        manifests.validate(Path(folder), report)
    for name, objects in rendered.items():
        manifests.inspect(name, objects, report)
    mutations.check(rendered, report)
    manifests.check_keys(report)
    alerts.check(report)
    dashboard.check(given.server, report)
    documents.check(given.server, report)
    views.check(given.server, report)
    interface.check(given.server, report)
    scripts = _shell_scripts()
    report.check_run(f"shellcheck has nothing to say of {len(scripts)} scripts", "shellcheck", *scripts)
    return report.end()


def _shell_scripts() -> list[Path]:
    paths = [path for path in listed_files() if path.suffix not in (".wasm", ".md")]
    return [path for path in paths if path.read_bytes()[:32].split(b"\n")[0] in SHELLS]


if __name__ == "__main__":
    finish(NAME, main)
