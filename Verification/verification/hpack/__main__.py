# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Writes Tests/Fixtures/hpack.json: header blocks, and what two other implementations make of them.

They are nghttp2's library and the Python package hpack. A string stands for octets, which are its code points. There are

- `codes`: the Huffman code of each octet, as bits;
- `connections`: the blocks of one connection each, with their fields, made by one implementation and decoded by both;
- `blocks`: blocks of new connections, with a fault in most, and their fields, or none where both refuse them;
- `answers`: fields, and the block that uses no table, which nghttp2 makes and both decode.

The same clients give the same file.
"""

import json
import random
import sys
from collections.abc import Iterator

import hpack
from hpack.huffman_constants import REQUEST_CODES, REQUEST_CODES_LENGTH

from verification.command import finish
from verification.hpack import nghttp2
from verification.hpack.clients import ANSWERS, CLIENTS, SEED, Fields
from verification.programs import ROOT, VerificationError

FIXTURE = ROOT / "Tests/Fixtures/hpack.json"
OCTETS = 256
STATIC_FIELDS = 61
BLOCKS = 200
LONGEST_SEED = 60
NO_LIMIT = 1 << 30
EMPTY_TABLE = b"\x20"

Octets = list[tuple[bytes, bytes]]


class PythonEncoder(hpack.Encoder):
    """The encoder of the Python package, called as nghttp2's is."""

    def resize(self, table_size: int) -> None:
        self.header_table_size = table_size


class PythonDecoder:
    """The decoder of the Python package, called as nghttp2's is."""

    def __init__(self) -> None:
        self.decoder = hpack.Decoder(NO_LIMIT)

    def decode(self, block: bytes) -> Octets:
        try:
            return [(bytes(name), bytes(value)) for name, value in self.decoder.decode(block, raw=True)]
        except hpack.HPACKError as error:
            raise nghttp2.Refused(error) from error


def octets(fields: Fields) -> Octets:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]


def text(fields: Octets) -> Fields:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in fields]


def codes() -> list[str]:
    return [f"{REQUEST_CODES[octet]:0{REQUEST_CODES_LENGTH[octet]}b}" for octet in range(OCTETS)]


def static_table() -> dict[str, object]:
    block = bytes(0x80 | index for index in range(1, STATIC_FIELDS + 1))
    fields, other = nghttp2.Decoder().decode(block), PythonDecoder().decode(block)
    if fields != other:
        raise VerificationError("the static tables differ")
    return {"name": "the static table", "blocks": [{"block": block.hex(), "fields": text(fields)}]}


def connections() -> Iterator[dict[str, object]]:
    yield static_table()
    for name, client in CLIENTS.items():
        for made_by, encoder in (("nghttp2", nghttp2.Encoder()), ("hpack", PythonEncoder())):
            decoders = nghttp2.Decoder(), PythonDecoder()
            blocks = []
            for step in client():
                if isinstance(step, int):
                    encoder.resize(step)
                    continue
                block = encoder.encode(octets(step))
                if any(decoder.decode(block) != octets(step) for decoder in decoders):
                    raise VerificationError(f"{block.hex()}, which {made_by} made of {step}, is decoded as something else")
                blocks.append({"block": block.hex(), "fields": step})
            yield {"name": f"{name}, by {made_by}", "blocks": blocks}


def mutations(blocks: list[bytes]) -> Iterator[bytes]:
    """An octet is changed, left out, added or repeated, or the end is; up to three times."""
    chance = random.Random(SEED)
    while True:
        block = bytearray(chance.choice(blocks))
        for _ in range(chance.choice([1, 1, 2, 3])):
            place = chance.randrange(len(block))
            match chance.randrange(6):
                case 0 | 1 | 2:
                    block[place] = chance.choice([chance.randrange(0x100), block[place] ^ 1 << chance.randrange(8)])
                case 3:
                    del block[place]
                case 4:
                    block.insert(place, chance.choice([chance.randrange(0x100), block[place]]))
                case 5:
                    del block[place + 1 :]
            if not block:
                break
        yield bytes(block)


def verdict(decoder: nghttp2.Decoder | PythonDecoder, block: bytes) -> Fields | None:
    try:
        return text(decoder.decode(block))
    except nghttp2.Refused:
        return None


def judged(seeds: list[bytes]) -> Iterator[dict[str, object]]:
    """Where the two differ, nobody knows; of what is taken and what is not, there is as much."""
    wanted = {True: BLOCKS // 2, False: BLOCKS // 2}
    seen = set()
    for block in mutations(seeds):
        one, other = verdict(nghttp2.Decoder(), block), verdict(PythonDecoder(), block)
        if block in seen or one != other or not wanted[one is None]:
            continue
        seen.add(block)
        wanted[one is None] -= 1
        yield {"block": block.hex(), "fields": one}
        if not any(wanted.values()):
            return


def answers() -> Iterator[dict[str, object]]:
    for fields in ANSWERS:
        encoder = nghttp2.Encoder()
        encoder.resize(0)
        block = encoder.encode(octets(fields))
        if any(decoder.decode(block) != octets(fields) for decoder in (nghttp2.Decoder(), PythonDecoder())):
            raise VerificationError(f"{block.hex()}, which nghttp2 made of {fields}, is decoded as something else")
        yield {"block": block.removeprefix(EMPTY_TABLE).hex(), "fields": fields}


def main() -> int:
    made = list(connections())
    seeds = [bytes.fromhex(block["block"]) for connection in made for block in connection["blocks"]]
    document = {
        "codes": codes(),
        "connections": made,
        "blocks": list(judged([seed for seed in seeds if 0 < len(seed) <= LONGEST_SEED])),
        "answers": list(answers()),
    }
    parts = []
    for name, entries in document.items():
        lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in entries)
        parts.append(f"{json.dumps(name)}: [\n{lines}\n]")
    FIXTURE.write_text("{\n" + ",\n".join(parts) + "\n}\n")
    sys.stdout.write(f"{FIXTURE.relative_to(ROOT)}: {len(made)} connections, {len(document['blocks'])} blocks\n")
    return 0


if __name__ == "__main__":
    finish("hpack", main)
