# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A page of Markdown: its blocks in order, its headings, its links, its inline code.

What a fenced block is for is said by its info string:

    sh                      is run, in page order, in one terminal; its commands must succeed
    sh exits=N              is run, and must end with this exit code
    sh server               is run in a terminal of its own until the page ends, or until `<!-- check: stop -->`
    sh cluster              needs a cluster: it is only parsed, and the files that it names must exist
    sh elsewhere: REASON    needs something else that is not here: likewise
    text output             is what the block before it prints; an ellipsis (…) stands for anything
    json, yaml              parses; with ` output` it is also what the block before it prints
    text                    is for the eye

A comment `<!-- check: run` … `-->` holds commands that a reader need not see.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|~{3,})(?P<info>.*)$")
HEADING = re.compile(r"^#{1,6} +(?P<text>.*?) *#*$")
LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)\)|!\[[^\]]*\]\((?P<image>[^)\s]+)\)")
CODE = re.compile(r"(?P<ticks>`+)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)")
HIDDEN = re.compile(r"^<!-- check: (?P<what>run|stop)(?P<end> -->)?$")


@dataclass(frozen=True)
class Problem(Exception):
    """What is wrong with a page, and where."""

    page: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Block:
    """A fenced block, or a hidden one; `line` is where its first line of content is."""

    line: int
    info: str
    text: str


@dataclass(frozen=True)
class Span:
    """A link's target, or a piece of inline code."""

    line: int
    text: str


class Page:
    """What is checked of a page."""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name
        self.blocks: list[Block] = []
        self.links: list[Span] = []
        self.code: list[Span] = []
        self.anchors: set[str] = set()
        self._read(path.read_text(encoding="utf-8").splitlines())

    def _read(self, lines: list[str]) -> None:
        prose: list[str] = []
        numbered = iter(enumerate(lines, start=1))
        for number, line in numbered:
            if fence := FENCE.match(line):
                close = re.compile(rf"^ *{re.escape(fence['fence'])} *$")
                self._add(number + 1, fence["info"].strip(), until(numbered, close), len(fence["indent"]))
            elif (hidden := HIDDEN.match(line)) and hidden["what"] == "stop":
                self.blocks.append(Block(number, "stop", ""))
            elif hidden:
                self._add(number + 1, "sh", until(numbered, re.compile(r"^-->$")), 0)
            else:
                self._read_prose(number, line)
                prose.append(line)

    def _add(self, number: int, info: str, lines: list[str], indent: int) -> None:
        text = "\n".join(line[indent:] if not line[:indent].strip() else line for line in lines)
        self.blocks.append(Block(number, info, text))

    def _read_prose(self, number: int, line: str) -> None:
        if heading := HEADING.match(line):
            self.anchors.add(self._anchor(heading["text"]))
        self.code += [Span(number, match["code"].strip()) for match in CODE.finditer(line)]
        for match in LINK.finditer(CODE.sub("", line) if "](" not in line else line):
            self.links.append(Span(number, match["target"] or match["image"]))

    def _anchor(self, heading: str) -> str:
        """As the repository's host makes it: lowercase, without punctuation, spaces as hyphens, the second one numbered."""
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        kept = "".join(c for c in text if c in " -_" or unicodedata.category(c)[0] in "LN")
        anchor = kept.replace(" ", "-")
        number, taken = 0, anchor
        while taken in self.anchors:
            number += 1
            taken = f"{anchor}-{number}"
        return taken


def until(numbered: Iterator[tuple[int, str]], close: re.Pattern[str]) -> list[str]:
    """The lines up to one that closes, which is taken too."""
    lines = []
    for _, line in numbered:
        if close.match(line):
            break
        lines.append(line)
    return lines
