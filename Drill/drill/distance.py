# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A network on which each packet takes its time, and some are lost: IPv4 between namespaces, over TUN devices."""

import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import threading
import time
from dataclasses import dataclass, field

DEVICE = "/dev/net/tun"
TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x1, 0x1000
LARGEST = 65_536
PREFIX, LENGTH = "10.214.0.", "/24"
POLL = 0.2  # seconds


def is_possible() -> bool:
    return os.access(DEVICE, os.R_OK | os.W_OK)


@dataclass
class Distance:
    """So many seconds from each namespace to each other; `loss` is the share of packets that never arrive."""

    delay: float
    loss: float = 0.0
    _files: dict[bytes, int] = field(default_factory=dict)  # of whoever has an address

    def address(self, number: int) -> str:
        return f"{PREFIX}{number}"

    def add(self, number: int, namespace: str) -> None:
        """Gives a namespace an address that leads over the distance."""
        file = os.open(DEVICE, os.O_RDWR | os.O_NONBLOCK)
        name = f"far{os.getpid() % 100_000}-{number}"
        fcntl.ioctl(file, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
        for words in (
            ["link", "set", name, "netns", namespace],
            ["-netns", namespace, "addr", "add", f"{self.address(number)}{LENGTH}", "dev", name],
            ["-netns", namespace, "link", "set", name, "up"],
            # As most clusters have it; this machine may not.
            ["-netns", namespace, "route", "replace", f"{PREFIX}0{LENGTH}", "dev", name, "congctl", "cubic"],
        ):
            subprocess.run(["ip", *words], check=True, capture_output=True, timeout=10)
        self._files[bytes(map(int, self.address(number).split(".")))] = file

    def __enter__(self) -> "Distance":
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        for file in self._files.values():
            os.close(file)

    def _carry(self) -> None:
        chance, under_way, count = random.Random(1), [], 0
        while not self._ended.is_set():
            wait = under_way[0][0] - time.monotonic() if under_way else POLL
            for file in select.select(list(self._files.values()), [], [], min(max(wait, 0.0), POLL))[0]:
                packet = _read(file)
                while packet:
                    if chance.random() >= self.loss:
                        count += 1
                        heapq.heappush(under_way, (time.monotonic() + self.delay, count, packet))
                    packet = _read(file)
            while under_way and under_way[0][0] <= time.monotonic():
                packet = heapq.heappop(under_way)[2]
                _write(self._files.get(packet[16:20]), packet)


def _read(file: int) -> bytes:
    try:
        return os.read(file, LARGEST)
    except OSError:
        return b""  # nothing has come, or its namespace is gone


def _write(file: int | None, packet: bytes) -> None:
    try:
        if file is not None:
            os.write(file, packet)
    except OSError:
        pass  # a queue is full, or a namespace is gone: packets are lost
