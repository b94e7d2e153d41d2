# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What the kernel knows: memory, descriptors and CPU time of processes, their connections, the load of the machine."""

import os
import re
import resource
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from verification.programs import output_of
from verification.threads import PeriodicThread

CPUCLOCK_SCHED = 2  # include/linux/posix-timers_types.h: run time as the scheduler counts it
MEGABYTE = 1_000_000
SAMPLE_INTERVAL = 0.2  # seconds
CONNECTION = re.compile(r"(?m)^(?!LISTEN|TIME-WAIT)\S+ +\d+ +(\d+) +\S+ +([\d.]+):(\d+)(.*)$")
UNREAD = 1000  # bytes
OWNED = re.compile(r"\bino:[1-9]")


@dataclass(frozen=True)
class Memory:
    """Megabytes of one process; `sockets` is what TCP holds in the kernel, of the whole machine."""

    rss: float
    anon: float
    sockets: float = 0.0

    @property
    def own(self) -> float:
        """The process's, by whichever figure says more."""
        return max(self.rss, self.anon)

    def most(self, other: "Memory") -> "Memory":
        """The larger figure of each kind."""
        return Memory(max(self.rss, other.rss), max(self.anon, other.anon), max(self.sockets, other.sockets))

    def __sub__(self, other: "Memory") -> "Memory":
        """How much it has grown; of sockets, all."""
        return Memory(self.rss - other.rss, self.anon - other.anon, self.sockets)


def memory(pid: int) -> Memory:
    kib = _kib(pid, "status")
    return Memory(kib["VmRSS"] * 1024 / MEGABYTE, kib["RssAnon"] * 1024 / MEGABYTE, _socket_memory())


def peak_memory(pid: int) -> float:
    """The most megabytes that a process ever had resident, of whatever kind."""
    return _kib(pid, "status")["VmHWM"] * 1024 / MEGABYTE


def memory_kib(pids: Iterable[int]) -> dict[str, int]:
    """Memory of these processes in KiB.

    `rss` counts a page once in each process that maps it; `pss` shares it out among them. `memfd` is what sits in
    memory files: part of `rss` only where mapped, but charged to the container, since it cannot be dropped like
    the page cache of a file.
    """
    names = {"rss": "VmRSS", "anon": "RssAnon", "file": "RssFile", "shmem": "RssShmem", "pss": "Pss"}
    each = [_kib(pid, "status") | _kib(pid, "smaps_rollup") for pid in pids]
    totals = {name: sum(kib.get(key, 0) for kib in each) for name, key in names.items()}
    return totals | {"memfd": sealed_bytes(pids) // 1024}


def sealed_bytes(pids: Iterable[int]) -> int:
    """The bytes of the memory files that these processes hold open."""
    found = {}
    for entry in (entry for pid in pids for entry in Path(f"/proc/{pid}/fd").iterdir()):
        try:
            is_memory_file, status = os.readlink(entry).startswith("/memfd:"), entry.stat()
        except FileNotFoundError:
            continue  # closed meanwhile, as a connection's is at any time
        if is_memory_file:
            found[status.st_ino] = status.st_blocks * 512
    return sum(found.values())


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


@contextmanager
def lowered(pid: int, kind: int, most: int) -> Iterator[None]:
    """Lowers a limit of a process that runs, for a while."""
    before = resource.prlimit(pid, kind)
    resource.prlimit(pid, kind, (most, before[1]))
    yield
    with suppress(ProcessLookupError):  # it has ended, which is the row's to say
        resource.prlimit(pid, kind, before)


def address_space(pid: int) -> int:
    return _kib(pid, "status")["VmSize"] << 10


def members(group: int) -> frozenset[int]:
    """The live processes of a process group: a server and its workers."""
    return frozenset(int(name) for name in os.listdir("/proc") if name.isdigit() and _group_of(int(name)) == group)


def cpu_seconds(pid: int) -> float:
    return cpu_nanoseconds([pid]) / 1e9


def cpu_nanoseconds(pids: Iterable[int]) -> int:
    """User and system time of these processes.

    This is each process's CPU-time clock, under the number that clock_getcpuclockid(3) gives it. The kernel adds up all
    threads, also those that ended, from the scheduler's own run times. /proc/PID/schedstat knows the first thread only,
    /proc/PID/task/*/schedstat forgets ended ones, and utime + stime in /proc/PID/stat come in steps of 10 ms.
    """
    return sum(time.clock_gettime_ns((~pid << 3) | CPUCLOCK_SCHED) for pid in pids)


def owned_connections(port: int) -> set[tuple[str, int]]:
    """The peers of a port's connections that a process still holds; the kernel may keep others for a while."""
    return {(row[2], int(row[3])) for row in _connections(port, "big") if OWNED.search(row[4])}


def unread_connections(port: int) -> list[bool]:
    """Of each connection of a port with output that its client has not taken, whether a process owns it."""
    return [OWNED.search(row[4]) is not None for row in _connections(port, "all") if int(row[1]) > UNREAD]


def _connections(port: int, state: str) -> Iterator[re.Match[str]]:
    """ss(8) has the kernel filter them: /proc/net/tcp is slow to read when many connections were closed lately."""
    return CONNECTION.finditer(output_of("ss", "-H", "-t", "-n", "-e", "state", state, f"sport = :{port}"))


class Peak(PeriodicThread):
    """Samples a process's memory: how much the most of it is more than at the beginning."""

    def __init__(self, pid: int) -> None:
        super().__init__(self._sample, SAMPLE_INTERVAL)
        self._pid = pid
        self._before = self._highest = memory(pid)

    def reset(self) -> None:
        """From now on it counts how much more it is than the most so far."""
        self._before, self._highest = self._highest, memory(self._pid)

    @property
    def growth(self) -> Memory:
        return self._highest - self._before

    def _sample(self) -> None:
        with suppress(OSError, KeyError):  # it has ended, which is the row's to say
            self._highest = self._highest.most(memory(self._pid))


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


def _kib(pid: int, file: str) -> dict[str, int]:
    """The lines of a file of /proc that are in kB."""
    text = Path(f"/proc/{pid}/{file}").read_text()
    return {name: int(number) for name, number in re.findall(r"(?m)^(\w+):\s+(\d+) kB$", text)}


def _socket_memory() -> float:
    lines = Path("/proc/net/sockstat").read_text().splitlines()
    return next((int(line.split()[-1]) for line in lines if line.startswith("TCP:")), 0) * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


def _group_of(pid: int) -> int | None:
    """The process group, or nothing for a process that is gone or only waits to be reaped."""
    try:
        state, _parent, group = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:3]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(group) if state not in "ZX" else None
