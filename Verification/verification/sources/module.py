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
MAGIC = b"\0asm\x01\0\0\0"
DEMO = ROOT / "Sources" / "wasm-server" / "Demo" / "plugin.wasm"


@dataclass(frozen=True)
class Module:
    """The bytes of a module and what must be announced for them."""

    content: bytes
    digest: str

    @classmethod
    def of(cls, seed: int, size: int = SIZE, base: bytes | None = None) -> "Module":
        """Noise behind the smallest plugin, or behind another that then does what it did."""
        return cls.made((SMALLEST if base is None else base) + custom_section(b"noise", random.Random(seed).randbytes(size)))

    @classmethod
    def plugin(cls, version: int, size: int) -> "Module":
        """A module that a gateway can load: the demo plugin with noise behind it."""
        return cls.of(version, size, DEMO.read_bytes())

    @classmethod
    def made(cls, content: bytes) -> "Module":
        return cls(content, digest_of(content))

    @classmethod
    def demo(cls, name: bytes) -> "Module":
        """The demo plugin and an empty custom section of this name."""
        return cls.made(DEMO.read_bytes() + custom_section(name))

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


def section(identifier: int, *entries: bytes) -> bytes:
    """WebAssembly core specification, 5.5.2: a vector of entries."""
    return bytes([identifier]) + sized(leb128(len(entries)) + b"".join(entries))


def smallest_plugin() -> bytes:
    """What proxies demand, and no more: a version of the ABI, and an allocator."""
    types = section(1, b"\x60\0\0", b"\x60\x01\x7f\x01\x7f")
    exports = section(7, sized(b"proxy_abi_version_0_2_1") + b"\0\0", sized(b"malloc") + b"\0\1")
    code = section(10, sized(b"\0\x0b"), sized(b"\0\x41\0\x0b"))
    return MAGIC + types + section(3, b"\0", b"\1") + exports + code


SMALLEST = smallest_plugin()
