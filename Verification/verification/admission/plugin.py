# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Plugins in the text format of WebAssembly, and the smallest that Envoy loads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import wasmtime

ABI_VERSIONS = ("0_1_0", "0_2_0", "0_2_1")
MALLOC = '(func (export "malloc") (param i32) (result i32) i32.const 0)'
MEMORY = '(memory (export "memory") 1)'


def abi(version: str = "0_2_1") -> str:
    return f'(func (export "proxy_abi_version_{version}"))'


ABI = abi()


@dataclass(frozen=True)
class Plugin:
    """A plugin that Envoys are asked about."""

    name: str
    source: str | bytes
    """In the text format, or the bytes themselves."""
    difference: str = ""
    """Why our verdict is another than Envoy's; nothing if it is the same."""
    is_steady: bool = True
    """Whether an Envoy says the same whenever it is asked."""

    def module(self) -> bytes:
        return self.source if isinstance(self.source, bytes) else bytes(wasmtime.wat2wasm(self.source))


def text(*fields: str) -> str:
    return f"(module {' '.join(fields)})"


def with_basis(fields: str, version: str = "0_2_1") -> str:
    """A module of some fields, beside those without which no plugin is loaded."""
    return text(fields, abi(version), MALLOC, MEMORY)


def beside_basis(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: with_basis(each) for name, each in fields.items()}


def named(group: str, sources: Mapping[str, str | bytes], *, difference: str = "", is_steady: bool = True) -> Iterator[Plugin]:
    return (Plugin(f"{group}: {name}", source, difference, is_steady) for name, source in sources.items())


def words(count: int) -> str:
    """The type of a function of so many words that returns one, as most of the ABI's are."""
    return " ".join(["i32"] * count) + " -> i32"


def function_type(notation: str) -> str:
    """The fields `param` and `result` for a type in Envoy's notation: `i32 i64 -> i32`, without `void`."""
    before, after = (side.strip() for side in notation.split("->"))
    return (f"(param {before}) " if before else "") + (f"(result {after})" if after else "")
