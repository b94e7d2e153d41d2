# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Writes Tests/Fixtures/validation.txt: modules, each with the verdict of wasmtime (PyPI), which validates by a library of its own.

Each line is a verdict, the module in hexadecimal digits, and what it was made of. The same seed gives the same modules.
"""

import random
import sys
from collections.abc import Iterator

import wasmtime

from verification.programs import ROOT
from verification.validation.texts import TEXTS

FIXTURE = ROOT / "Tests/Fixtures/validation.txt"
SEED = 1
EACH = 14  # mutations of each module and verdict
PREAMBLE = 8
FEATURES = ("gc", "function_references", "exceptions", "memory64", "multi_memory", "threads", "relaxed_simd", "tail_call")


def engine() -> wasmtime.Engine:
    config = wasmtime.Config()
    for feature in FEATURES:
        setattr(config, f"wasm_{feature}", True)
    return wasmtime.Engine(config)


def mutations(module: bytes, chance: random.Random) -> Iterator[bytes]:
    """A byte is changed, left out, added or repeated; behind the preamble, and up to three times."""
    while True:
        mutated = bytearray(module)
        for _ in range(chance.choice([1, 1, 2, 3])):
            place = chance.randrange(PREAMBLE, len(mutated))
            match chance.randrange(5):
                case 0 | 1 | 2:
                    mutated[place] = chance.choice([chance.randrange(256), mutated[place] ^ 1 << chance.randrange(8)])
                case 3:
                    del mutated[place]
                case 4:
                    mutated.insert(place, chance.randrange(256))
        yield bytes(mutated)


def verdict(engine: wasmtime.Engine, module: bytes) -> str | None:
    """What wasmtime says; None where it says nothing of the rules that V8 has, of exceptions as they were before."""
    try:
        wasmtime.Module.validate(engine, module)
    except wasmtime.WasmtimeError as error:
        return None if "legacy_exceptions" in str(error) else "invalid"
    return "valid"


def vectors() -> Iterator[str]:
    judge, chance = engine(), random.Random(SEED)
    for name, text in TEXTS.items():
        module = bytes(wasmtime.wat2wasm(text))
        yield f"{verdict(judge, module)} {module.hex()} {name}"
        found: dict[str, set[bytes]] = {"valid": set(), "invalid": set()}
        for _, mutated in zip(range(4000), mutations(module, chance), strict=False):
            said = verdict(judge, mutated)
            if said and mutated != module and len(found[said]) < EACH and mutated not in found[said]:
                found[said].add(mutated)
                yield f"{said} {mutated.hex()} {name}, mutated"


if __name__ == "__main__":
    FIXTURE.write_text("\n".join(vectors()) + "\n")
    sys.stdout.write(f"{FIXTURE.relative_to(ROOT)}: {len(FIXTURE.read_text().splitlines())} modules\n")
