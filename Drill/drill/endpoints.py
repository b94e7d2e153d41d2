# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The endpoints of a Service, which reach everybody late."""

import random
import time
from collections.abc import Iterable

LAGS = (0.5, 1.0)  # seconds from a change to a node that knows it


class Endpoints:
    """Which addresses were ready, and since when."""

    def __init__(self) -> None:
        self._states: list[tuple[float, tuple[str, ...]]] = []

    def publish(self, addresses: Iterable[str]) -> None:
        self._states.append((time.monotonic(), tuple(addresses)))

    def seen(self) -> tuple[str, ...]:
        """The ready addresses as somebody sees them: as they were some moments ago."""
        then = time.monotonic() - random.uniform(*LAGS)
        for since, addresses in reversed(self._states):
            if since <= then:
                return addresses
        return self._states[0][1] if self._states else ()
