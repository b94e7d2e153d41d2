# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Writes Tests/Fixtures/validation.txt: modules, each with the verdict of two others, wasmtime and V8.

Each line is a verdict, the module in hexadecimal digits, and what it was made of. The same seed gives the same modules.
"""

import random
import sys
from collections.abc import Iterator

import wasmtime

from verification.programs import ROOT
from verification.validation.judges import V8, Wasmtime
from verification.validation.texts import TEXTS

FIXTURE = ROOT / "Tests/Fixtures/validation.txt"
SEED = 1
EACH = 14  # mutations of each module and verdict
PREAMBLE = 8


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


def verdicts(modules: list[bytes]) -> Iterator[str | None]:
    """What wasmtime and V8 say; nothing where they differ, as they do of exceptions as they were before."""
    for one, other in zip(Wasmtime().objections(modules), V8().objections(modules), strict=True):
        yield ("invalid" if one else "valid") if bool(one) == bool(other) else None


def vectors() -> Iterator[str]:
    chance = random.Random(SEED)
    for name, text in TEXTS.items():
        module = bytes(wasmtime.wat2wasm(text))
        mutated = [each for _, each in zip(range(4000), mutations(module, chance), strict=False) if each != module]
        said, *more = verdicts([module, *mutated])
        yield f"{said} {module.hex()} {name}"
        found: dict[str, set[bytes]] = {"valid": set(), "invalid": set()}
        for each, verdict in zip(mutated, more, strict=True):
            if verdict and len(found[verdict]) < EACH and each not in found[verdict]:
                found[verdict].add(each)
                yield f"{verdict} {each.hex()} {name}, mutated"


if __name__ == "__main__":
    FIXTURE.write_text("\n".join(vectors()) + "\n")
    sys.stdout.write(f"{FIXTURE.relative_to(ROOT)}: {len(FIXTURE.read_text().splitlines())} modules\n")
