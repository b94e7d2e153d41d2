# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What is wrong with a page."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem(Exception):
    """Where it is, and what is wrong there."""

    page: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.message}"
