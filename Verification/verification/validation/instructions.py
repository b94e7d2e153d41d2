# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The instructions, as the table in Sources/WasmBinary/Code has them: their opcodes, and what follows those."""

import re
from dataclasses import dataclass

from verification.programs import ROOT, VerificationError

TABLES = ROOT / "Sources/WasmBinary/Code"
ROW = re.compile(r'\.init\((0x\w+|\d+)(?:, (0x\w+|\d+))?, "([^"]+)"(?:, (.+))?\)')
OPERANDS = {".i32", ".i64", ".f32", ".f64", ".v128"}

# What follows an opcode, by the form that the table tells. Each letter is a part: u an unsigned integer, s a signed one, b a byte,
# m a memory's alignment and offset, B the type of a block, v a value type, h a heap type; in capitals, a list: U, V, C of clauses.
PARTS = {
    "i32Constant": "s",
    "i64Constant": "s",
    "f32Constant": "b" * 4,
    "f64Constant": "b" * 8,
    "vectorConstant": "b" * 16,
    "shuffle": "b" * 16,
    "fence": "b",
    "lane": "b",
    "memory": "m",
    "atomic": "m",
    "memoryLane": "mb",
    "selectTyped": "V",
    "brTable": "Uu",
    "tryTable": "BC",
    **dict.fromkeys(("block", "loop", "if", "try"), "B"),
    **dict.fromkeys(("br", "brIf", "brOnNull", "brOnNonNull", "delegate", "rethrow"), "u"),
    **dict.fromkeys(("call", "returnCall", "callReference", "returnCallReference", "refFunction", "throw", "catch"), "u"),
    **dict.fromkeys(("callIndirect", "returnCallIndirect"), "uu"),
    **dict.fromkeys(("localGet", "localSet", "localTee", "globalGet", "globalSet"), "u"),
    **dict.fromkeys(("tableGet", "tableSet", "tableGrow", "tableSize", "tableFill", "elementDrop"), "u"),
    **dict.fromkeys(("memorySize", "memoryGrow", "memoryFill", "dataDrop"), "u"),
    **dict.fromkeys(("memoryInit", "memoryCopy", "tableInit", "tableCopy"), "uu"),
    **dict.fromkeys(("refNull", "refTest", "refTestNull", "refCast", "refCastNull"), "h"),
    **dict.fromkeys(("brOnCast", "brOnCastFail"), "buhh"),
    **dict.fromkeys(("structNew", "structNewDefault"), "u"),
    **dict.fromkeys(("structGet", "structGetSigned", "structGetUnsigned", "structSet"), "uu"),
    **dict.fromkeys(("arrayNew", "arrayNewDefault", "arraySet", "arrayFill"), "u"),
    **dict.fromkeys(("arrayGet", "arrayGetSigned", "arrayGetUnsigned"), "u"),
    **dict.fromkeys(("arrayNewFixed", "arrayNewData", "arrayNewElement", "arrayCopy"), "uu"),
    **dict.fromkeys(("arrayInitData", "arrayInitElement"), "uu"),
}


@dataclass(frozen=True)
class Instruction:
    """One row of the table."""

    prefix: int | None
    code: int
    name: str
    form: str
    signature: str | None  # what it takes and gives, if its opcode tells

    @property
    def parts(self) -> str:
        return PARTS.get(self.form, "")

    @property
    def opens(self) -> bool:
        return self.form in ("block", "loop", "if", "try", "tryTable")

    @property
    def closes(self) -> bool:
        return self.form in ("end", "delegate")


def instruction(row: re.Match[str]) -> Instruction:
    first, second, name, rest = row.groups()
    words = re.findall(r"\.\w+(?:\([^)]*\))?(?![^\[]*\])", rest or "")
    form = words[-1] if words and words[-1] not in OPERANDS else ".none"
    if inner := re.fullmatch(r"\.of\(\.(\w+)\)", form):
        form = "." + inner[1]
    signature = re.match(r"(\[[^\]]*\](?:, \.(?:i32|i64|f32|f64|v128)\b)?)", rest or "")
    return Instruction(
        int(first, 0) if second else None,
        int(second or first, 0),
        name,
        form.removeprefix(".").partition("(")[0],
        signature[1] if signature else None,
    )


def table() -> list[Instruction]:
    found = [
        instruction(row)
        for path in sorted(TABLES.glob("Instruction+*.swift"))
        for line in path.read_text().splitlines()
        if (row := ROW.fullmatch(line.strip().removesuffix(",")))
    ]
    rows = sum(path.read_text().count(".init(") for path in TABLES.glob("Instruction+*.swift"))
    if len(found) != rows:
        raise VerificationError(f"{TABLES} has {rows} instructions, of which {len(found)} are read")
    return found


INSTRUCTIONS = table()
BY_OPCODE = {(each.prefix, each.code): each for each in INSTRUCTIONS}
# Those that take and give the same, for each that says so.
BY_SIGNATURE = {each.signature: [like for like in INSTRUCTIONS if like.signature == each.signature] for each in INSTRUCTIONS}
