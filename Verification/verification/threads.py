# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What is waited for, and what is done meanwhile: in threads, at intervals, or in a process of its own."""

import multiprocessing
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Self

from verification.programs import VerificationError

PROCESSES = multiprocessing.get_context("fork")
POLL = 0.05


def seconds_until(condition: Callable[[], object], limit: float, poll: float = POLL) -> float | None:
    """How long it took until a condition was met; None if it was not in time."""
    begin = time.monotonic()
    while not condition():
        if time.monotonic() - begin > limit:
            return None
        time.sleep(poll)
    return time.monotonic() - begin


class BackgroundTask(AbstractContextManager):
    """What is started, and stopped when its `with` block ends."""

    def start(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class ThreadGroup(BackgroundTask):
    """Starts threads; after the `with` block has those end that repeat something, and waits for all."""

    def __init__(self, threads: Iterable[threading.Thread]) -> None:
        self._threads = list(threads)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        for thread in self._threads:
            if isinstance(thread, PeriodicThread):
                thread.end()
        for thread in self._threads:
            thread.join()


def at_once(count: int, action: Callable[[int], None]) -> list[threading.Thread]:
    """So many threads that do one thing, by their number."""
    return [threading.Thread(target=action, args=[number], daemon=True) for number in range(count)]


class PeriodicThread(threading.Thread, BackgroundTask):
    """Does one thing at regular intervals, or all the time, while the `with` block lasts; never after it."""

    def __init__(self, action: Callable[[], object], interval: float = 0.0) -> None:
        super().__init__(daemon=True)
        self.ended = threading.Event()
        self._action, self._interval = action, interval

    def run(self) -> None:
        while not self.ended.wait(self._interval):
            self._action()

    def end(self) -> None:
        """After what it does now."""
        self.ended.set()

    def stop(self) -> None:
        self.end()
        self.join()


class PeriodicProcess(BackgroundTask):
    """Takes one step after another in a process of its own, which this one does not slow; `steps` is how many."""

    stop_limit: float | None = 10.0

    def __init__(self, step: Callable[[int], None], interval: float) -> None:
        self._step, self._interval = step, interval
        self._ended, self._steps = PROCESSES.Event(), PROCESSES.Value("q", 0)
        self._process = PROCESSES.Process(target=self._take_steps, daemon=True)

    @property
    def steps(self) -> int:
        return self._steps.value

    @property
    def pid(self) -> int:
        return self._process.pid

    def start(self) -> None:
        self._process.start()

    def stop(self) -> None:
        """Waits for the step under way."""
        self._ended.set()
        self._process.join(self.stop_limit)
        if self._process.exitcode != 0:
            self._process.kill()
            raise VerificationError(f"{self._step.__qualname__} broke off")

    def _take_steps(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        try:
            while not self._ended.wait(self._interval):
                self._step(self.steps)
                self._steps.value += 1
        except Exception:
            traceback.print_exc()
            raise SystemExit(1) from None
