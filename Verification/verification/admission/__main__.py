# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Writes Tests/Fixtures/admission.txt: plugins, each with the verdicts of two real Envoys.

Each line has five fields, with a tab between two: what Envoy 1.36.2 says, what Envoy 1.40.0 says, the known difference, the module
in hexadecimal digits, and its name.

An Envoy says `loaded`; `refused: ` and its own words; `ended: ` and its last words, as a process that a signal ends; or `unsteady`,
which is now one of these and now the other, and never `loaded`. The known difference is empty unless our verdict is another than
Envoy's on purpose: it is the identifier of the rule with which we refuse what Envoy loads, or `run` where Envoy refuses a module
for what it does when it runs, which we don't know. The same plugins give the same file.

Envoys between these two say the same as one of them: 1.37.0 and 1.38.2 as 1.36.2, and 1.39.0 and 1.39.3 as 1.40.0.
"""

import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from verification.admission import bounds, callbacks, imports, language, rules
from verification.admission.envoy import VERSIONS, ask
from verification.admission.plugin import Plugin
from verification.command import finish
from verification.programs import ROOT, VerificationError

FIXTURE = ROOT / "Tests/Fixtures/admission.txt"
OFTEN = 8


def line(folder: Path, plugin: Plugin) -> str:
    module = plugin.module()
    put = ask if plugin.is_steady else ask_often
    return "\t".join([*(put(version, module, folder) for version in VERSIONS), plugin.difference, module.hex(), plugin.name])


def ask_often(version: str, module: bytes, folder: Path) -> str:
    if "loaded" in {ask(version, module, folder) for _ in range(OFTEN)}:
        raise VerificationError(f"Envoy {version} loaded a plugin that it never should")
    return "unsteady"


def main() -> int:
    plugins = [*rules.plugins(), *bounds.plugins(), *imports.plugins(), *callbacks.plugins(), *language.plugins()]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        lines = list(pool.map(partial(line, Path(folder)), plugins))
    FIXTURE.write_text("\n".join(lines) + "\n")
    sys.stdout.write(f"{FIXTURE.relative_to(ROOT)}: {len(lines)} plugins\n")
    return 0


if __name__ == "__main__":
    finish("admission", main)
