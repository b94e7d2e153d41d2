# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What can be said of a page's blocks, links and words without running anything."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from verification.documentation.page import Block, Page, Problem
from verification.programs import ROOT, run

KINDS = re.compile(r"^(sh( server| cluster| exits=[0-9]+| elsewhere: .+)?|text( output)?|(json|yaml)( output)?|promql|stop)$")
SEPARATE = re.compile(r"[\s'\"=;|&(){}<>,]+")
ADDRESS = re.compile(r"^https://[a-z0-9.-]+\.[a-z]{2,}(:[0-9]+)?(/[^\s<>\"]*)?$")
MAKE = re.compile(r"^make ([a-z][a-z-]*)")


def wrong_blocks(page: Page) -> Iterator[Problem]:
    for block in page.blocks:
        if not KINDS.match(block.info):
            known = "sh, text, json, yaml; see Verification/verification/documentation/page.py"
            yield Problem(page.name, block.line, f"'{block.info}' does not say how the block is checked; it may be {known}")
            continue
        message = shell(block) if block.info.startswith("sh") else data(block)
        if message:
            yield Problem(page.name, block.line, message)


def shell(block: Block) -> str | None:
    parsed = run("bash", "-n", input=block.text)
    if parsed.returncode != 0:
        return f"bash cannot parse it: {parsed.stderr.strip()}"
    if not re.match(r"sh (cluster|elsewhere)", block.info):
        return None
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    for word in SEPARATE.split(re.sub(r"(^|\s)#.*", "", block.text, flags=re.MULTILINE)):
        name = word.removeprefix("./")
        if name.partition("/")[0] in folders and "/" in name and not (ROOT / name).exists():
            return f"{name} does not exist"
    return None


def data(block: Block) -> str | None:
    kind, _, rest = block.info.partition(" ")
    if kind not in ("json", "yaml") or (rest == "output" and "…" in block.text):
        return None
    try:
        json.loads(block.text) if kind == "json" else list(yaml.safe_load_all(block.text))
    except (ValueError, yaml.YAMLError) as error:
        return f"not {kind.upper()}: {error}"
    return None


def unknown_words(page: Page, targets: set[str], known: set[str]) -> Iterator[Problem]:
    """Inline code that names a target of make, a flag, a variable or a metric which there is none of."""
    for code in page.code:
        if (made := MAKE.match(code.text)) and made[1] not in targets:
            yield Problem(page.name, code.line, f"`{code.text}`: the Makefile has no target {made[1]}")
        for word in re.findall(r"^--[a-z][a-z0-9-]*|\bWASM_SERVER_[A-Z_]+\b|\bwasm_server_[a-z_]+\b", code.text):
            if word not in known:
                yield Problem(page.name, code.line, f"`{word}` is not known to the program")


def dead_links(page: Page, pages: dict[Path, Page]) -> Iterator[Problem]:
    """Files and anchors that are not here, and addresses elsewhere that have not the shape of one."""
    for link in page.links:
        if "://" in link.text or link.text.startswith("mailto:"):
            if not ADDRESS.match(link.text):
                yield Problem(page.name, link.line, f"{link.text} is no https address")
            continue
        name, _, anchor = link.text.partition("#")
        target = (page.path.parent / name).resolve() if name else page.path.resolve()
        if not target.exists():
            yield Problem(page.name, link.line, f"{link.text} leads to a file that does not exist")
        elif anchor and (target not in pages or anchor not in pages[target].anchors):
            yield Problem(page.name, link.line, f"{link.text} leads to a heading that does not exist")


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))


def known_words(server: Path) -> set[str]:
    """Every flag, variable and metric that the program's help and the sources name."""
    words = set(re.findall(r"--[a-z][a-z0-9-]*", _help(server)))
    words |= {"WASM_SERVER_" + word[2:].upper().replace("-", "_") for word in words} | {"WASM_SERVER_SOURCES"}
    for source in (ROOT / "Sources").rglob("*.swift"):
        words |= set(re.findall(r"\b(?:WASM_SERVER_[A-Z_]+|wasm_server_[a-z_]+)\b", source.read_text(encoding="utf-8")))
    return words


def _help(server: Path) -> str:
    subcommands = re.findall(r"^  ([a-z]+) ", run(server, "--help").stdout, re.MULTILINE)
    return "".join(run(server, each, "--help").stdout for each in subcommands)
