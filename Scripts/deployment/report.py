# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What the checks came to."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


class Report:
    """Prints each check as it comes; `failures` are those that did not hold."""

    def __init__(self) -> None:
        self.failures: list[str] = []

    def check(self, what: str, holds: bool, why: str = "") -> bool:
        print(f"{'ok    ' if holds else 'FAILED'} {what}{f': {why}' if why and not holds else ''}", flush=True)
        if not holds:
            self.failures.append(what)
        return holds


def run(*command: object, text: str | None = None, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(each) for each in command], input=text, cwd=cwd, capture_output=True, text=True, check=False)
