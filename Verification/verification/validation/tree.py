# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Modules as trees, so that a part can be changed while the counts and sizes around it stay right (spec §5)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from verification.programs import VerificationError
from verification.validation.instructions import BY_OPCODE

PREAMBLE = b"\0asm\1\0\0\0"
PREFIXES = range(0xFB, 0xFF)
GROUP, FUNCTION, STRUCTURE, ARRAY = 0x4E, 0x60, 0x5F, 0x5E
VECTORS = {
    1: "type",
    2: "import",
    3: "u",
    4: "table",
    5: "limits",
    6: "global",
    7: "export",
    9: "element",
    10: "body",
    11: "data",
    13: "tag",
}


def unsigned(value: int) -> bytes:
    """LEB128 (spec §5.2.2)."""
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])


@dataclass(eq=False)
class Token:
    """A part without parts; `kind` is a letter as in `instructions.PARTS`, `o` for an opcode, or `n` for bytes with a length."""

    kind: str
    raw: bytes

    def encode(self) -> bytes:
        return unsigned(len(self.raw)) + self.raw if self.kind == "n" else self.raw


@dataclass(eq=False)
class Node:
    """Parts in a row; before them may stand how many they are, and how many bytes."""

    kind: str
    items: list["Token | Node"] = field(default_factory=list)
    is_counted: bool = False
    is_sized: bool = False
    miscount: int = 0  # what a mutation adds to the count that is told
    missize: int = 0

    def encode(self) -> bytes:
        content = b"".join(item.encode() for item in self.items)
        if self.is_counted:
            content = unsigned(max(0, len(self.items) + self.miscount)) + content
        if self.is_sized:
            content = unsigned(max(0, len(content) + self.missize)) + content
        return content

    def walk(self) -> Iterator["Token | Node"]:
        """Tells all that is below a node, the node first."""
        yield self
        for item in self.items:
            if isinstance(item, Node):
                yield from item.walk()
            else:
                yield item


class Reader:
    """Reads a valid module."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data, self.at = data, at

    def peek(self) -> int:
        return self.data[self.at]

    def take(self, kind: str, count: int) -> Token:
        self.at += count
        return Token(kind, self.data[self.at - count : self.at])

    def number(self, kind: str = "u") -> Token:
        end = self.at
        while self.data[end] & 0x80:
            end += 1
        return self.take(kind, end + 1 - self.at)

    def integer(self) -> int:
        return sum((byte & 0x7F) << 7 * place for place, byte in enumerate(self.number().raw))

    def name(self) -> Token:
        return self.take("n", self.integer())

    def value_type(self) -> Token:
        start = self.at
        self.at += 1
        if self.data[start] in (0x63, 0x64):
            self.number()
        return Token("v", self.data[start : self.at])

    def listed(self, kind: str) -> Node:
        return Node(kind, [self.part(kind) for _ in range(self.integer())], is_counted=True)

    def row(self, kind: str, parts: str) -> Node:
        return Node(kind, [self.part(part) for part in parts])

    def part(self, kind: str) -> "Token | Node":
        match kind:
            case "u" | "s":
                return self.number(kind)
            case "h":
                return self.number("h")
            case "b":
                return self.take("b", 1)
            case "v":
                return self.value_type()
            case "n":
                return self.name()
            case "U" | "V" | "C":
                return self.listed(kind.lower())
            case "c":
                return self.row("c", "buu" if self.peek() < 2 else "bu")
            case "m":
                return self.row("m", "uuu" if self.peek() & 0x40 else "uu")
            case "B":
                if self.peek() == 0x40:
                    return self.take("B", 1)
                return Token("B", (self.value_type() if self.peek() & 0xC0 == 0x40 else self.number()).raw)
            case "field":
                return Node("field", [self.take("v", 1) if self.peek() in (0x77, 0x78) else self.value_type(), self.take("b", 1)])
            case "limits":
                return self.row("limits", "buu" if self.peek() & 1 else "bu")
            case "expression":
                return self.expression()
        return getattr(self, kind)()

    # MARK: What sections have

    def type(self) -> Node:
        if self.peek() != GROUP:
            return self.subtype()
        return Node("type", [self.take("b", 1), self.listed("subtype")])

    def subtype(self) -> Node:
        head = [self.take("b", 1), self.listed("u")] if self.peek() in (0x50, 0x4F) else []
        match self.peek():
            case 0x60:
                return Node("type", [*head, self.take("b", 1), self.listed("v"), self.listed("v")])
            case 0x5F:
                return Node("type", [*head, self.take("b", 1), self.listed("field")])
            case 0x5E:
                return Node("type", [*head, self.take("b", 1), self.part("field")])
        raise VerificationError(f"there is no type of form {self.peek():#x}")

    def described(self) -> list[Token | Node]:
        kind = self.take("b", 1)
        parts = {0: ["u"], 1: ["v", "limits"], 2: ["limits"], 3: ["v", "b"], 4: ["b", "u"]}[kind.raw[0]]
        return [kind, *map(self.part, parts)]

    def import_(self) -> Node:
        return Node("import", [self.name(), self.name(), *self.described()])

    def table(self) -> Node:
        has_value = self.data[self.at : self.at + 2] == b"\x40\0"
        head = [self.take("b", 1), self.take("b", 1)] if has_value else []
        return Node("table", [*head, self.value_type(), self.part("limits"), *([self.expression()] if has_value else [])])

    def element(self) -> Node:
        flags = self.peek()
        parts = ["u"] + (["u"] if flags in (2, 6) else []) + (["expression"] if flags % 2 == 0 else [])
        parts += (["v"] if flags > 4 else ["b"]) if flags % 4 else []
        return Node("element", [*map(self.part, parts), self.listed("expression" if flags > 3 else "u")])

    def data_(self) -> Node:
        parts = {0: ["u", "expression", "n"], 1: ["u", "n"], 2: ["u", "u", "expression", "n"]}[self.peek()]
        return Node("data", [*map(self.part, parts)])

    def body(self) -> Node:
        end = self.integer() + self.at
        locals_ = Node("locals", [self.row("locals", "uv") for _ in range(self.integer())], is_counted=True)
        node = Node("body", [locals_, self.expression()], is_sized=True)
        if self.at != end:
            raise VerificationError(f"a body ends at byte {self.at}, and not at {end}")
        return node

    def expression(self) -> Node:
        """Instructions up to the `end` that closes them."""
        code, depth = Node("code"), 1
        while depth:
            start = self.at
            prefix = self.peek() if self.peek() in PREFIXES else None
            self.at += 1
            number = self.integer() if prefix else self.data[start]
            instruction = BY_OPCODE[prefix, number]
            opcode = Token("o", self.data[start : self.at])
            code.items.append(Node("instruction", [opcode, *map(self.part, instruction.parts)]))
            depth += instruction.opens - instruction.closes
        return code

    # MARK: Sections

    def section(self) -> Node:
        number = self.take("b", 1)
        end = self.integer() + self.at
        match number.raw[0]:
            case 8 | 12:
                content = Node("section", [self.number()], is_sized=True)
            case known if known in VECTORS:
                entry = {"import": "import_", "data": "data_"}.get(VECTORS[known], VECTORS[known])
                content = Node("section", self.entries(entry), is_counted=True, is_sized=True)
            case _:
                content = Node("section", [self.take("raw", end - self.at)], is_sized=True)
        if self.at != end:
            raise VerificationError(f"section {number.raw[0]} ends at byte {self.at}, and not at {end}")
        return Node("section", [number, content])

    def entries(self, kind: str) -> list[Token | Node]:
        match kind:
            case "global":
                return [Node("global", [self.value_type(), self.take("b", 1), self.expression()]) for _ in range(self.integer())]
            case "export":
                return [self.row("export", "nbu") for _ in range(self.integer())]
            case "tag":
                return [self.row("tag", "bu") for _ in range(self.integer())]
        return [self.part(kind) for _ in range(self.integer())]


def parse(module: bytes) -> Node:
    """The tree of a valid module, which encodes to the same bytes if it has no LEB128 that is longer than it must be."""
    reader, root = Reader(module, len(PREAMBLE)), Node("module", [Token("raw", PREAMBLE)])
    while reader.at < len(module):
        root.items.append(reader.section())
    return root
