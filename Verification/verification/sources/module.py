# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Makes modules: the same bytes on every machine."""

import hashlib
import json
import random
from dataclasses import dataclass
from pathlib import Path

from verification.programs import ROOT

SIZE = 4_300_000
PREAMBLE = b"\0asm\x01\0\0\0"
DEMO = ROOT / "Sources" / "wasm-server" / "Demo" / "plugin.wasm"


@dataclass(frozen=True)
class Module:
    """The bytes of a module and what must be announced for them."""

    content: bytes
    digest: str

    @classmethod
    def of(cls, seed: int, size: int = SIZE, base: bytes = PREAMBLE) -> "Module":
        """Noise behind a preamble, or behind a whole module that then does what it did."""
        return cls.made(base + custom_section(b"noise", random.Random(seed).randbytes(size)))

    @classmethod
    def plugin(cls, version: int, size: int) -> "Module":
        """A module that a gateway can load: the demo plugin with noise behind it."""
        return cls.of(version, size, DEMO.read_bytes())

    @classmethod
    def made(cls, content: bytes) -> "Module":
        return cls(content, digest_of(content))

    @property
    def path(self) -> str:
        return digest_path(self.digest)

    def write(self, file: Path) -> Path:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(self.content)
        return file

    def replace(self, file: Path) -> Path:
        """As it should be done."""
        return put(file, self.content)


def put(file: Path, content: bytes) -> Path:
    """Replaces a file so that nobody sees half of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.write_bytes(content)
    return new.rename(file)


def put_many(folder: Path, count: int, size: int, first: int = 0) -> list[Path]:
    """So many modules, each of its own bytes, under their numbers."""
    return [Module.of(first + number, size).replace(folder / f"{number}.wasm") for number in range(count)]


def peer_listing(modules: list[Module], state: str = "kept") -> bytes:
    """What a peer lists; of what is `kept` there nothing is taken over but what is searched for."""
    entries = [{"verdict": "admitted", "state": state, "sha256": module.digest, "size": len(module.content)} for module in modules]
    return json.dumps({"instance": "peer", "modules": entries}).encode()


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def digest_path(digest: str) -> str:
    return f"/sha256/{digest}.wasm"


UNKNOWN = digest_path("0" * 64)


def custom_section(name: bytes, content: bytes = b"") -> bytes:
    """WebAssembly core specification, 5.5.3."""
    return b"\0" + sized(sized(name) + content)


def sized(content: bytes) -> bytes:
    """A vector of bytes: their number, and they."""
    return leb128(len(content)) + content


def leb128(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])
