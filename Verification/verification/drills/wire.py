# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A cable that takes its time and loses packets, in a process: what netem does, for kernels that have none."""

import fcntl
import os
import random
import select
import struct
import time
from collections import deque
from contextlib import suppress

from verification.threads import PeriodicThread

DEVICE = "/dev/net/tun"
TUNSETIFF = 0x400454CA  # include/uapi/linux/if_tun.h
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
LARGEST = 1 << 16
POLL = 0.2  # seconds


class Wire(PeriodicThread):
    """Two network devices, each of which gets later what was sent to the other; leaving its `with` block removes them."""

    def __init__(self, names: tuple[str, str], delay: float, loss: float) -> None:
        super().__init__(self._carry)
        self._delay, self._loss = delay, loss
        self._under_way: deque[tuple[float, int, bytes]] = deque()
        first, second = (_tap(name) for name in names)
        self._others = {first: second, second: first}

    def stop(self) -> None:
        super().stop()
        for end in self._others:
            os.close(end)

    def _carry(self) -> None:
        wait = self._under_way[0][0] - time.monotonic() if self._under_way else POLL
        for end in select.select(list(self._others), [], [], max(wait, 0.0))[0]:
            packet = os.read(end, LARGEST)
            if random.random() >= self._loss:
                self._under_way.append((time.monotonic() + self._delay, self._others[end], packet))
        while self._under_way and self._under_way[0][0] <= time.monotonic():
            _, end, packet = self._under_way.popleft()
            with suppress(OSError):  # the device is not up, or gone with its namespace
                os.write(end, packet)


def _tap(name: str) -> int:
    end = os.open(DEVICE, os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
    fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return end
