# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A cable that takes its time and loses packets, in a process: what netem does, for kernels that have none."""

import fcntl
import os
import random
import select
import struct
import threading
import time
from collections import deque
from contextlib import suppress

DEVICE = "/dev/net/tun"
TUNSETIFF = 0x400454CA  # include/uapi/linux/if_tun.h
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
LARGEST = 1 << 16
POLL = 0.2  # seconds


class Wire:
    """Two network devices, each of which gets later what was sent to the other; leaving its `with` block removes them."""

    def __init__(self, names: tuple[str, str], delay: float, loss: float) -> None:
        self._names, self._delay, self._loss = names, delay, loss
        self._ended = threading.Event()

    def __enter__(self) -> "Wire":
        first, second = (_tap(name) for name in self._names)
        self._others = {first: second, second: first}
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        for end in self._others:
            os.close(end)

    def _carry(self) -> None:
        under_way: deque[tuple[float, int, bytes]] = deque()
        while not self._ended.is_set():
            wait = under_way[0][0] - time.monotonic() if under_way else POLL
            for end in select.select(list(self._others), [], [], max(wait, 0.0))[0]:
                packet = os.read(end, LARGEST)
                if random.random() >= self._loss:
                    under_way.append((time.monotonic() + self._delay, self._others[end], packet))
            while under_way and under_way[0][0] <= time.monotonic():
                _, end, packet = under_way.popleft()
                with suppress(OSError):  # the device is not up, or gone with its namespace
                    os.write(end, packet)


def _tap(name: str) -> int:
    end = os.open(DEVICE, os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
    fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return end
