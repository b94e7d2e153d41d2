# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What the kernel knows about a group of processes: members, CPU time, memory."""

import os
import time
from pathlib import Path

from bench.errors import BenchmarkError

CPUCLOCK_SCHED = 2  # include/linux/posix-timers_types.h: run time as the scheduler counts it


def members(group: int) -> frozenset[int]:
    """The live processes of a process group: a server and its workers."""
    return frozenset(pid for pid in _all_processes() if _group_of(pid) == group)


def cpu_nanoseconds(pids: frozenset[int]) -> int:
    """User and system time of these processes, in nanoseconds.

    This is each process's CPU-time clock, under the number that clock_getcpuclockid(3) gives it. The kernel adds up all
    threads, also those that ended, from the scheduler's own run times. /proc/PID/schedstat knows the first thread only,
    /proc/PID/task/*/schedstat forgets ended ones, and utime + stime in /proc/PID/stat come in steps of 10 ms.
    """
    try:
        return sum(time.clock_gettime_ns((~pid << 3) | CPUCLOCK_SCHED) for pid in pids)
    except OSError as error:
        raise BenchmarkError("a server process ended while it was measured") from error


def memory_kib(pids: frozenset[int]) -> dict[str, int]:
    """Memory of these processes in KiB.

    `rss` counts a page once in each process that maps it; `pss` shares it out among them. `memfd` is what sits in
    memory files: part of `rss` only where mapped, but charged to the container, since it cannot be dropped like
    the page cache of a file.
    """
    totals = dict.fromkeys(["rss", "anon", "file", "shmem", "pss"], 0)
    names = {"VmRSS": "rss", "RssAnon": "anon", "RssFile": "file", "RssShmem": "shmem", "Pss": "pss"}
    for pid in pids:
        text = Path(f"/proc/{pid}/status").read_text() + Path(f"/proc/{pid}/smaps_rollup").read_text()
        for line in text.splitlines():
            key, _, value = line.partition(":")
            if key in names:
                totals[names[key]] += int(value.split()[0])
    return totals | {"memfd": sum(_memory_files(pids).values()) // 1024}


def _memory_files(pids: frozenset[int]) -> dict[int, int]:
    """Inode and bytes of each memory file that these processes hold open."""
    found = {}
    for entry in (e for pid in pids for e in Path(f"/proc/{pid}/fd").iterdir()):
        try:
            is_memory_file, status = os.readlink(entry).startswith("/memfd:"), entry.stat()
        except FileNotFoundError:
            continue  # closed meanwhile, as a connection's is at any time
        if is_memory_file:
            found[status.st_ino] = status.st_blocks * 512
    return found


def _all_processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _group_of(pid: int) -> int | None:
    """The process group, or nothing for a process that is gone or only waits to be reaped."""
    try:
        state, _parent, group = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:3]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(group) if state not in "ZX" else None
