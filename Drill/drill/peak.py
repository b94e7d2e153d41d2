# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The most memory that a process has had."""

from harness import kernel
from harness.repeating import Repeating

INTERVAL = 0.2


class Peak(Repeating):
    """Samples while the `with` block lasts; `highest` is the most since the last reset."""

    def __init__(self, pid: int) -> None:
        super().__init__(self._sample, INTERVAL)
        self._pid = pid
        self.highest = kernel.memory(pid)

    def reset(self) -> kernel.Memory:
        """Begins anew; returns what was the highest."""
        before, self.highest = self.highest, kernel.memory(self._pid)
        return before

    def _sample(self) -> None:
        try:
            self.highest = self.highest.most(kernel.memory(self._pid))
        except (OSError, KeyError):
            pass  # it has ended, which is the row's to say
