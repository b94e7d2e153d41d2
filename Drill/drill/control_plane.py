# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A control plane that reads a digest before a roll, and gives it to gateways that start during the roll and after."""

import time

KEPT_AFTER_ROLL = 10.0


class ControlPlane:
    """Keeps one digest until some seconds after the roll that followed."""

    def __init__(self) -> None:
        self._digest: str | None = None
        self._until = 0.0

    def keep(self, digest: str) -> None:
        """From the beginning of a roll on."""
        self._digest, self._until = digest, float("inf")

    def roll_ended(self) -> None:
        self._until = time.monotonic() + KEPT_AFTER_ROLL

    def kept_digest(self) -> str | None:
        return self._digest if time.monotonic() < self._until else None
