# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Modules that a gateway can load, as large as plugins are: the demo plugin with noise behind it."""

import hashlib

from harness.command import ROOT
from harness.module import Module

DEMO = ROOT / "Sources" / "wasm-server" / "Demo" / "plugin.wasm"


def plugin(version: int, size: int) -> Module:
    """The demo plugin of a version; versions of one size differ in every part but the code."""
    return Module.of(version, size, DEMO.read_bytes())


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def digest_path(digest: str) -> str:
    return f"/sha256/{digest}.wasm"
