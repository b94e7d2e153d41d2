# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The modules that are mutated: one for each part of the language, and what a compiler makes with one set of features each."""

import tempfile
from pathlib import Path

import wasmtime

from verification.programs import output_of, program_path
from verification.validation.texts import TEXTS

SAMPLE = Path(__file__).with_name("sample.cpp")
PLUGIN = ["-std=c++17", "-ffreestanding", "-fno-rtti", "-nostdlib", "-Wl,--no-entry,--export-all,--allow-undefined"]
BUILDS = {
    "unoptimized": ["--target=wasm32", "-O0"],
    "version 1.0": ["--target=wasm32", "-O2", "-mcpu=mvp"],
    "as usual": ["--target=wasm32", "-O2"],
    "vectors": ["--target=wasm32", "-O2", "-msimd128"],
    "tail calls": ["--target=wasm32", "-O2", "-mtail-call", "-mmultivalue"],
    "threads": ["--target=wasm32", "-O2", "-matomics", "-mbulk-memory", "-Wl,--shared-memory,--max-memory=1048576"],
    "64 bits": ["--target=wasm64", "-O2"],
    "exceptions": ["--target=wasm32", "-O2", "-fwasm-exceptions", "-mllvm", "-wasm-use-legacy-eh=false"],
    "exceptions as they were before": ["--target=wasm32", "-O2", "-fwasm-exceptions", "-mllvm", "-wasm-use-legacy-eh=true"],
}


def compiled(flags: list[str]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        module = Path(folder, "sample.wasm")
        output_of(program_path("clang++", "test"), *PLUGIN, *flags, "-o", module, SAMPLE)
        return module.read_bytes()


def corpus() -> list[bytes]:
    return [*(bytes(wasmtime.wat2wasm(text)) for text in TEXTS.values()), *map(compiled, BUILDS.values())]
