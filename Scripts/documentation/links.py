# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Whether links lead somewhere: files and anchors here; addresses elsewhere by their shape only."""

import re
from collections.abc import Iterator
from pathlib import Path

from documentation.page import Page
from documentation.problem import Problem

ADDRESS = re.compile(r"^https://[a-z0-9.-]+\.[a-z]{2,}(:[0-9]+)?(/[^\s<>\"]*)?$")


def dead_links(page: Page, pages: dict[Path, Page]) -> Iterator[Problem]:
    for link in page.links:
        if "://" in link.text or link.text.startswith("mailto:"):
            if not ADDRESS.match(link.text):
                yield Problem(page.name, link.line, f"{link.text} is no https address")
            continue
        name, _, anchor = link.text.partition("#")
        target = (page.folder / name).resolve() if name else page.path.resolve()
        if not target.exists():
            yield Problem(page.name, link.line, f"{link.text} leads to a file that does not exist")
        elif anchor and (target not in pages or anchor not in pages[target].anchors):
            yield Problem(page.name, link.line, f"{link.text} leads to a heading that does not exist")
