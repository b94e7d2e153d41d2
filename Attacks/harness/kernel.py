# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What the kernel knows: memory, descriptors and CPU time of a process, its connections, the load of the machine."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

CPUCLOCK_SCHED = 2  # include/linux/posix-timers_types.h: run time as the scheduler counts it
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Memory:
    """Megabytes of one process; `sockets` is what TCP holds in the kernel, of the whole machine."""

    rss: float
    anon: float
    sockets: float


def memory(pid: int) -> Memory:
    kib = {}
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        key, _, value = line.partition(":")
        if key in ("VmRSS", "RssAnon"):
            kib[key] = int(value.split()[0])
    return Memory(kib["VmRSS"] * 1024 / MEGABYTE, kib["RssAnon"] * 1024 / MEGABYTE, _socket_memory())


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def cpu_seconds(pid: int) -> float:
    """User and system time: the process's CPU-time clock, under the number that clock_getcpuclockid(3) gives it."""
    return time.clock_gettime((~pid << 3) | CPUCLOCK_SCHED)


def owned_connections(port: int) -> set[tuple[str, int]]:
    """The peers of a port's IPv4 connections that a process still holds; the kernel may keep others for a while."""
    peers = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, _, _, _, _, _, _, inode, *_ = line.split()
        if int(local[-4:], 16) == port and inode != "0" and remote[-4:] != "0000":
            peers.add((_address(remote[:8]), int(remote[-4:], 16)))
    return peers


@dataclass(frozen=True)
class Clock:
    """CPU time of the whole machine since it was started, in seconds."""

    busy: float
    stolen: float
    total: float

    @classmethod
    def now(cls) -> "Clock":
        ticks = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
        user, nice, system, idle, iowait, irq, softirq, steal = (t / os.sysconf("SC_CLK_TCK") for t in ticks)
        busy = user + nice + system + irq + softirq
        return cls(busy, steal, busy + idle + iowait + steal)


def load_average() -> float:
    return os.getloadavg()[0]


def _socket_memory() -> float:
    for line in Path("/proc/net/sockstat").read_text().splitlines():
        if line.startswith("TCP:"):
            return int(line.split()[-1]) * os.sysconf("SC_PAGE_SIZE") / MEGABYTE
    return 0.0


def _address(text: str) -> str:
    return ".".join(str(byte) for byte in reversed(bytes.fromhex(text)))
