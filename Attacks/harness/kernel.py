# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What the kernel knows: memory, descriptors and CPU time of a process, its connections, the load of the machine."""

import os
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

CPUCLOCK_SCHED = 2  # include/linux/posix-timers_types.h: run time as the scheduler counts it
MEGABYTE = 1_000_000
OWNED_CONNECTION = r"(?m)^\S+ +\d+ +\d+ +\S+ +([\d.]+):(\d+) .*\bino:[1-9]"


@dataclass(frozen=True)
class Memory:
    """Megabytes of one process; `sockets` is what TCP holds in the kernel, of the whole machine."""

    rss: float
    anon: float
    sockets: float

    def most(self, other: "Memory") -> "Memory":
        """The larger figure of each kind."""
        return Memory(max(self.rss, other.rss), max(self.anon, other.anon), max(self.sockets, other.sockets))


def memory(pid: int) -> Memory:
    kib = {}
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        key, _, value = line.partition(":")
        if key in ("VmRSS", "RssAnon"):
            kib[key] = int(value.split()[0])
    return Memory(kib["VmRSS"] * 1024 / MEGABYTE, kib["RssAnon"] * 1024 / MEGABYTE, _socket_memory())


def peak_memory(pid: int) -> float:
    """The most megabytes that a process ever had resident, of whatever kind."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) * 1024 / MEGABYTE


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def cpu_seconds(pid: int) -> float:
    """User and system time: the process's CPU-time clock, under the number that clock_getcpuclockid(3) gives it."""
    return time.clock_gettime((~pid << 3) | CPUCLOCK_SCHED)


def owned_connections(port: int) -> set[tuple[str, int]]:
    """The peers of a port's connections that a process still holds; the kernel may keep others for a while.

    ss(8) has the kernel filter them: /proc/net/tcp is slow to read when many connections were closed lately.
    """
    command = ["ss", "-H", "-t", "-n", "-e", "state", "big", f"sport = :{port}"]
    table = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {(address, int(peer)) for address, peer in re.findall(OWNED_CONNECTION, table)}


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
