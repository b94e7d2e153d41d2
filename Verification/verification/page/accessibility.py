# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What axe finds in a view."""

from collections.abc import Iterator
from functools import cache
from importlib import resources

from verification.page.browser import Tab

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ADVICE = "best-practice"
# Those whose outcome another theme can change, as it changes nothing but colours.
OF_COLOUR = ["color-contrast", "link-in-text-block"]
RUN = """options => axe.run(options).then(results => results.violations.map(rule => ({
    id: rule.id, tags: rule.tags, help: rule.help, targets: rule.nodes.map(node => node.target.join(" ")),
})))"""


@cache
def _axe() -> str:
    return (resources.files("axe_playwright_python") / "axe.min.js").read_text()


def load(tab: Tab) -> None:
    """Once for each view that is opened; as a debugger does, so the page's policy does not matter."""
    tab.page.evaluate(_axe())


def violations(tab: Tab, is_repainted: bool) -> Iterator[tuple[bool, str]]:
    """What it finds, and whether that breaks a rule; otherwise it is advice. Of a view in other colours only those count."""
    rules = {"type": "rule", "values": OF_COLOUR} if is_repainted else {"type": "tag", "values": [*RULES, ADVICE]}
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    for found in tab.page.evaluate(RUN, options):
        places = found["targets"]
        more = f" and {len(places) - 1} more" if len(places) > 1 else ""
        yield ADVICE not in found["tags"], f"{found['id']} ({found['help']}) at {places[0]}{more}"
