# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A writer in a process of its own, which the readers' does not slow."""

import multiprocessing
import signal
import traceback
from collections.abc import Callable

from harness.errors import AttackError

PROCESSES = multiprocessing.get_context("fork")
STOP_LIMIT = 10.0


class Writer:
    """Takes one step after another, at intervals in seconds, while the `with` block lasts; `steps` is how many."""

    def __init__(self, step: Callable[[int], None], interval: float) -> None:
        self._step, self._interval = step, interval
        self._ended, self._steps = PROCESSES.Event(), PROCESSES.Value("q", 0)
        self._process = PROCESSES.Process(target=self._write, daemon=True)

    @property
    def steps(self) -> int:
        return self._steps.value

    def _write(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        try:
            while not self._ended.wait(self._interval):
                self._step(self.steps)
                self._steps.value += 1
        except Exception:
            traceback.print_exc()
            raise SystemExit(1) from None

    def __enter__(self) -> "Writer":
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._process.join(STOP_LIMIT)
        if self._process.exitcode != 0:
            self._process.kill()
            raise AttackError("the writer broke off")
