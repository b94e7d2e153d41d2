# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Mutations of modules along their structure: what they make is well-formed but for what was changed, and often valid."""

import random
from collections import defaultdict
from collections.abc import Callable, Sequence

from verification.validation.instructions import BY_OPCODE, BY_SIGNATURE, INSTRUCTIONS, Instruction
from verification.validation.tree import Node, Token, parse, unsigned

VALUE_TYPES = [bytes([byte]) for byte in (0x7F, 0x7E, 0x7D, 0x7C, 0x7B, 0x70, 0x6F, 0x6E, 0x6D, 0x6C, 0x6B, 0x6A, 0x69)]
BOTTOM_TYPES = [bytes([byte]) for byte in (0x71, 0x72, 0x73, 0x74)]
PACKED_TYPES = [b"\x78", b"\x77"]
SIGNED = [b"\0", b"\1", b"\x7f", b"\xff\xff\xff\xff\x07", b"\x80\x80\x80\x80\x78", b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\0"]
Undo = tuple[object, str, object]


class Tree:
    """A module with the parts of it that can be changed."""

    def __init__(self, module: bytes) -> None:
        self.root = parse(module)
        nodes = list(self.root.walk())
        self.tokens = [node for node in nodes if isinstance(node, Token) and node.raw and node.kind != "raw"]
        groups = [node for node in nodes if isinstance(node, Node)]
        self.rows = [node for node in groups if node.items and (node.is_counted or node.kind in ("code", "module"))]
        self.counted = [node for node in groups if node.is_counted]
        self.sized = [node for node in groups if node.is_sized]
        self.code = [node for node in groups if node.kind == "code" and len(node.items) > 1]


class Mutator:
    """Makes mutations of some modules, each by one to four changes; the same seed makes the same ones."""

    def __init__(self, modules: Sequence[bytes], seed: int) -> None:
        self.chance = random.Random(seed)
        self.trees = [Tree(module) for module in modules]
        # Parts of one kind, of all modules: what is in one may be put into another.
        self.donors: dict[str, list[Token | Node]] = defaultdict(list)
        for tree in self.trees:
            for row in tree.rows:
                self.donors[self.kind(row)] += row.items[1:] if row.kind == "module" else row.items
        self.changes: list[tuple[Callable[[Tree], Undo | None], int]] = [
            (self.replace_instruction, 8),
            (self.insert_instruction, 3),
            (self.change_token, 10),
            (self.drop, 3),
            (self.repeat, 2),
            (self.swap, 3),
            (self.transplant, 5),
            (self.miscount, 1),
            (self.missize, 1),
        ]

    def mutation(self) -> bytes:
        """A module; the tree that it is made of is left as it was."""
        tree = self.chance.choice(self.trees)
        changes, weights = zip(*self.changes, strict=True)
        chosen = self.chance.choices(changes, weights, k=self.chance.choice((1, 1, 1, 2, 2, 3, 4)))
        done = [undo for change in chosen if (undo := change(tree))]
        encoded = tree.root.encode()
        for node, name, value in reversed(done):
            setattr(node, name, value)
        return encoded

    @staticmethod
    def kind(row: Node) -> str:
        """Rows of one kind may have each other's parts."""
        return f"{row.kind} of {row.items[0].kind}" if row.kind == "section" else row.kind

    def put(self, node: Token | Node, name: str, value: object) -> Undo:
        undo = (node, name, getattr(node, name))
        setattr(node, name, value)
        return undo

    # MARK: Rows: sections, entries, locals, instructions, types, labels

    def row(self, tree: Tree) -> tuple[Node, int]:
        """A row, and the place of one of its parts; a change before this one may have left it none."""
        row = self.chance.choice(tree.rows)
        return row, self.chance.randrange(len(row.items) or 1)

    def drop(self, tree: Tree) -> Undo:
        row, place = self.row(tree)
        return self.put(row, "items", row.items[:place] + row.items[place + 1 :])

    def repeat(self, tree: Tree) -> Undo:
        row, place = self.row(tree)
        return self.put(row, "items", row.items[: place + 1] + row.items[place:])

    def swap(self, tree: Tree) -> Undo:
        row, place = self.row(tree)
        other = self.chance.choice((place - 1, self.chance.randrange(len(row.items) or 1)))
        items = list(row.items)
        if items:
            items[place], items[other] = items[other], items[place]
        return self.put(row, "items", items)

    def transplant(self, tree: Tree) -> Undo | None:
        row, place = self.row(tree)
        donors = self.donors[self.kind(row)] if row.items else []
        if not donors:
            return None
        replaced = self.chance.choice((0, 1))
        return self.put(row, "items", [*row.items[:place], self.chance.choice(donors), *row.items[place + replaced :]])

    def miscount(self, tree: Tree) -> Undo | None:
        return self.put(self.chance.choice(tree.counted), "miscount", self.error()) if tree.counted else None

    def missize(self, tree: Tree) -> Undo | None:
        return self.put(self.chance.choice(tree.sized), "missize", self.error()) if tree.sized else None

    def error(self) -> int:
        return self.chance.choice((-1, 1, 1, 2, -3, 127, 2**31))

    # MARK: Instructions

    def replace_instruction(self, tree: Tree) -> Undo | None:
        return self.write_instruction(tree, 1)

    def insert_instruction(self, tree: Tree) -> Undo | None:
        return self.write_instruction(tree, 0)

    def write_instruction(self, tree: Tree, replaced: int) -> Undo | None:
        code = self.chance.choice(tree.code) if tree.code else None
        if not code or not code.items:
            return None
        place = self.chance.randrange(len(code.items))
        like = BY_OPCODE.get(self.opcode(code.items[place]))
        alike = BY_SIGNATURE[like.signature] if like and like.signature and self.chance.random() < 0.6 else INSTRUCTIONS
        new = self.instruction(self.chance.choice(alike))
        return self.put(code, "items", [*code.items[:place], new, *code.items[place + replaced :]])

    @staticmethod
    def opcode(node: Token | Node) -> tuple[int | None, int]:
        raw = node.items[0].raw
        if len(raw) == 1:
            return None, raw[0]
        return raw[0], sum((byte & 0x7F) << 7 * place for place, byte in enumerate(raw[1:]))

    def instruction(self, instruction: Instruction) -> Node:
        number = unsigned(instruction.code)
        opcode = bytes([instruction.code]) if instruction.prefix is None else bytes([instruction.prefix]) + number
        return Node("instruction", [Token("o", opcode), *map(self.part, instruction.parts)])

    def part(self, kind: str) -> Token | Node:
        """A part as it may follow an opcode."""
        match kind:
            case "m":
                return Node("m", [self.part("u"), self.part("u")])
            case "U" | "V" | "C":
                return Node(kind.lower(), [self.part(kind.lower()) for _ in range(self.chance.randrange(4))], is_counted=True)
            case "c":
                clause = self.chance.randrange(4)
                return Node("c", [Token("b", bytes([clause])), *(self.part("u") for _ in range(2 if clause < 2 else 1))])
        return Token(kind, self.raw(kind))

    def raw(self, kind: str) -> bytes:
        chance = self.chance
        match kind:
            case "u":
                return unsigned(chance.choice((0, 0, 0, 1, 1, 2, 3, 4, 5, 8, 64, 65, 2**32 - 1)))
            case "s":
                return chance.choice(SIGNED)
            case "b":
                return bytes([chance.choice((0, 0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 31, 32, 64, 128, 255))])
            case "v":
                return chance.choice([*VALUE_TYPES, *VALUE_TYPES, *BOTTOM_TYPES, *PACKED_TYPES, self.reference()])
            case "h":
                return chance.choice([*VALUE_TYPES[5:], *BOTTOM_TYPES, self.raw("u")])
            case "B":
                return chance.choice((b"\x40", b"\x40", self.raw("v"), self.raw("u")))
        return bytes([chance.randrange(256)])

    def reference(self) -> bytes:
        return self.chance.choice((b"\x63", b"\x64")) + self.raw("h")

    # MARK: Tokens

    def change_token(self, tree: Tree) -> Undo | None:
        if not tree.tokens:
            return None
        token = self.chance.choice(tree.tokens)
        return self.put(token, "raw", self.changed(token))

    def changed(self, token: Token) -> bytes:
        raw = token.raw
        match token.kind:
            case "u" | "s" | "h" if self.chance.random() < 0.1:
                return raw[:-1] + bytes([raw[-1] | 0x80, 0 if token.kind == "u" or raw[-1] < 0x40 else 0x7F])
            case "u" if self.chance.random() < 0.5:
                return unsigned(max(0, sum((byte & 0x7F) << 7 * place for place, byte in enumerate(raw)) + self.error()))
            case "n" | "o":
                place = self.chance.randrange(len(raw))
                return raw[:place] + bytes([raw[place] ^ 1 << self.chance.randrange(8)]) + raw[place + 1 :]
        return self.raw(token.kind)
