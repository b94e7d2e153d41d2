# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What can be said of a page's blocks and words without running anything."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import yaml

from documentation.page import Block, Page
from documentation.problem import Problem

KINDS = re.compile(
    r"^(sh( server| cluster| exits=[0-9]+| elsewhere: .+)?|text( output)?|(json|yaml)( output)?|promql|stop)$"
)
SEPARATE = re.compile(r"[\s'\"=;|&(){}<>,]+")
MAKE = re.compile(r"^make ([a-z][a-z-]*)")


def wrong_blocks(page: Page, root: Path) -> Iterator[Problem]:
    for block in page.blocks:
        if not KINDS.match(block.info):
            known = "sh, text, json, yaml; see Scripts/documentation/page.py"
            yield Problem(page.name, block.line, f"'{block.info}' does not say how the block is checked; it may be {known}")
            continue
        message = shell(block, root) if block.info.startswith("sh") else data(block)
        if message:
            yield Problem(page.name, block.line, message)


def shell(block: Block, root: Path) -> str | None:
    parsed = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
    if parsed.returncode != 0:
        return f"bash cannot parse it: {parsed.stderr.strip()}"
    if not re.match(r"sh (cluster|elsewhere)", block.info):
        return None
    folders = {path.name for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")}
    for word in SEPARATE.split(re.sub(r"(^|\s)#.*", "", block.text, flags=re.MULTILINE)):
        name = word.removeprefix("./")
        if name.partition("/")[0] in folders and "/" in name and not (root / name).exists():
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


def make_targets(makefile: Path) -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", makefile.read_text(encoding="utf-8"), flags=re.MULTILINE))


