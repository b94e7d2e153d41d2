# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Makes the module that is served: a legal proxy-wasm module of 4.3 MB, the same bytes on every machine."""

import hashlib
import random
import shutil
import subprocess
from pathlib import Path

from bench.errors import BenchmarkError

SEED = 20240601
DATA_BYTES = 4_290_000
CUSTOM_BYTES = 9_700
MEMORY_PAGES = 80

I32 = 0x7F
FUNCTION, MEMORY = 0x00, 0x02
CUSTOM_SECTION, TYPE_SECTION, FUNCTION_SECTION, MEMORY_SECTION = 0, 1, 3, 5
EXPORT_SECTION, CODE_SECTION, DATA_SECTION = 7, 10, 11


def write_module(folder: Path) -> tuple[Path, str]:
    """Writes plugin.wasm and plugin.wasm.sha256 into `folder`; returns the module's path and its sha256."""
    module = folder / "plugin.wasm"
    module.write_bytes(module_bytes())
    digest = hashlib.sha256(module.read_bytes()).hexdigest()
    module.with_name("plugin.wasm.sha256").write_text(digest + "\n")
    _validate(module)
    return module, digest


def module_bytes() -> bytes:
    """Two functions, a memory with one large data segment, and a custom section."""
    noise = random.Random(SEED)
    functions = [b"\x0b", b"\x41\x00\x0b"]  # `end`; `i32.const 0, end`
    exports = [
        ("memory", MEMORY, 0),
        ("proxy_abi_version_0_2_1", FUNCTION, 0),
        ("proxy_on_memory_allocate", FUNCTION, 1),
    ]
    return b"".join(
        [
            b"\0asm\x01\0\0\0",
            _section(TYPE_SECTION, _vector([b"\x60\0\0", bytes([0x60, 1, I32, 1, I32])])),
            _section(FUNCTION_SECTION, _vector([b"\0", b"\1"])),
            _section(MEMORY_SECTION, _vector([b"\0" + _leb128(MEMORY_PAGES)])),
            _section(EXPORT_SECTION, _vector([_name(n) + bytes([kind, index]) for n, kind, index in exports])),
            _section(CODE_SECTION, _vector([_sized(b"\0" + body) for body in functions])),
            _section(DATA_SECTION, _vector([b"\0\x41\0\x0b" + _sized(noise.randbytes(DATA_BYTES))])),
            _section(CUSTOM_SECTION, _name("benchmark") + noise.randbytes(CUSTOM_BYTES)),
        ]
    )


def _validate(module: Path) -> None:
    validator = shutil.which("wasm-validate")
    if validator and (run := subprocess.run([validator, module], capture_output=True, text=True)).returncode:
        raise BenchmarkError(f"the module made for this run is not valid: {run.stderr.strip()}")


def _section(number: int, content: bytes) -> bytes:
    return bytes([number]) + _sized(content)


def _vector(items: list[bytes]) -> bytes:
    return _leb128(len(items)) + b"".join(items)


def _name(text: str) -> bytes:
    return _sized(text.encode())


def _sized(content: bytes) -> bytes:
    return _leb128(len(content)) + content


def _leb128(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))
