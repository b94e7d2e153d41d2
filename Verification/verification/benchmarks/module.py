# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Makes the module that is served: a legal proxy-wasm module of 4.3 MB, the same bytes on every machine."""

import random
import shutil
from pathlib import Path

from verification.programs import VerificationError, run
from verification.sources.module import MAGIC, Module, custom_section, leb128, sized

SEED = 20240601
DATA_BYTES = 4_290_000
CUSTOM_BYTES = 9_700
MEMORY_PAGES = 80

I32 = 0x7F
FUNCTION, MEMORY = 0x00, 0x02
TYPE_SECTION, FUNCTION_SECTION, MEMORY_SECTION, EXPORT_SECTION, CODE_SECTION, DATA_SECTION = 1, 3, 5, 7, 10, 11


def write_module(folder: Path) -> tuple[Path, str]:
    """Writes plugin.wasm and plugin.wasm.sha256 into `folder`; returns the module's path and its sha256."""
    module = Module.made(module_bytes())
    file = module.write(folder / "plugin.wasm")
    file.with_name("plugin.wasm.sha256").write_text(module.digest + "\n")
    validator = shutil.which("wasm-validate")
    if validator and (done := run(validator, file)).returncode:
        raise VerificationError(f"the module made for this run is not valid: {done.stderr.strip()}")
    return file, module.digest


def module_bytes() -> bytes:
    """Two functions, a memory with one large data segment, and a custom section."""
    noise = random.Random(SEED)
    functions = [b"\x0b", b"\x41\x00\x0b"]  # `end`; `i32.const 0, end`
    exports = [(b"memory", MEMORY, 0), (b"proxy_abi_version_0_2_1", FUNCTION, 0), (b"proxy_on_memory_allocate", FUNCTION, 1)]
    sections = {
        TYPE_SECTION: [b"\x60\0\0", bytes([0x60, 1, I32, 1, I32])],
        FUNCTION_SECTION: [b"\0", b"\1"],
        MEMORY_SECTION: [b"\0" + leb128(MEMORY_PAGES)],
        EXPORT_SECTION: [sized(name) + bytes([kind, index]) for name, kind, index in exports],
        CODE_SECTION: [sized(b"\0" + body) for body in functions],
        DATA_SECTION: [b"\0\x41\0\x0b" + sized(noise.randbytes(DATA_BYTES))],
    }
    body = b"".join(bytes([number]) + sized(leb128(len(items)) + b"".join(items)) for number, items in sections.items())
    return MAGIC + body + custom_section(b"benchmark", noise.randbytes(CUSTOM_BYTES))
