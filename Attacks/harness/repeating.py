# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What is done again and again beside a row."""

import threading
from collections.abc import Callable


class Repeating:
    """Does one thing at regular intervals, in a thread, while the `with` block lasts; never after it."""

    def __init__(self, action: Callable[[], None], interval: float) -> None:
        self._action, self._interval = action, interval
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._repeat, daemon=True)

    def _repeat(self) -> None:
        while not self._ended.wait(self._interval):
            self._action()

    def __enter__(self) -> "Repeating":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
