# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Makes modules: a preamble and one custom section of noise, the same bytes on every machine."""

import hashlib
import random
from dataclasses import dataclass
from pathlib import Path

SIZE = 4_300_000
PREAMBLE = b"\0asm\x01\0\0\0"


@dataclass(frozen=True)
class Module:
    """The bytes of a module and what must be announced for them."""

    content: bytes
    digest: str

    @classmethod
    def of(cls, seed: int, size: int = SIZE, base: bytes = PREAMBLE) -> "Module":
        """Noise behind a preamble, or behind a whole module that then does what it did."""
        noise = random.Random(seed).randbytes(size)
        section = leb128(len("noise")) + b"noise" + noise
        content = base + b"\0" + leb128(len(section)) + section
        return cls(content, hashlib.sha256(content).hexdigest())

    def write(self, file: Path) -> Path:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(self.content)
        return file


def leb128(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))
