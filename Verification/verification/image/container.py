# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The image as a container, run by crun as Pod Security `restricted` has it, in a network with nothing but a loopback."""

import contextlib
import ctypes
import json
import os
import random
import shutil
import ssl
import subprocess
import time
from pathlib import Path

from verification.clients import http1
from verification.clients.sockets import LOOPBACK
from verification.programs import VerificationError, output_of, run

MEMORY = 64 << 20
LIMIT = 30.0


class ControlGroup:
    """A control group with 64 MiB of memory, of version 1 or 2; where there is none to be had, nothing.

    It is not crun's, which refuses to make any on machines that mount both versions.
    """

    def __init__(self, name: str) -> None:
        top = Path("/sys/fs/cgroup")
        is_first = (top / "memory").is_dir()
        self.folder = (top / "memory" if is_first else top) / name
        limit, self.charged = ("memory.limit_in_bytes", "memory.max_usage_in_bytes") if is_first else ("memory.max", "memory.peak")
        self.is_limited = False
        with contextlib.suppress(OSError):
            self.folder.mkdir()
            (self.folder / limit).write_text(str(MEMORY))
            self.is_limited = True

    def enter(self) -> None:
        if self.is_limited:
            (self.folder / "cgroup.procs").write_text(str(os.getpid()))

    def peak(self) -> int:
        return int((self.folder / self.charged).read_text())

    def remove(self) -> None:
        with contextlib.suppress(OSError):
            self.folder.rmdir()


class Container(contextlib.AbstractContextManager):
    """One container of the image."""

    def __init__(self, image: Path, work: Path, name: str, *arguments: str, mounts: dict[Path, str] | None = None) -> None:
        self.bundle, self.name, self.state = work / name, name, work / "crun"
        self.is_asked_to_end = False
        self.bundle.mkdir()
        shutil.copytree(image, self.bundle / "rootfs")
        self.group = ControlGroup(f"wasm-server-{os.getpid()}-{name}")
        self.log = self.bundle / "log"
        uid = random.randrange(1_000_000_000, 1_001_000_000)
        binds = dict(mounts or {})
        binds |= {work / "resolv.conf": "/etc/resolv.conf", work / "hosts": "/etc/hosts"}
        (self.bundle / "config.json").write_text(json.dumps(self.specification(uid, arguments, binds)))
        self.crun = ["crun", "--root", str(self.state), "--cgroup-manager", "disabled"]
        with self.log.open("wb") as log:
            command = [*self.crun, "run", "--bundle", str(self.bundle), name]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=self.group.enter)

    def specification(self, uid: int, arguments: tuple[str, ...], binds: dict[Path, str]) -> dict[str, object]:
        def mount(kind: str, target: str, *options: str) -> dict[str, object]:
            return {"destination": target, "type": kind, "source": kind, "options": ["nosuid", "noexec", *options]}

        return {
            "ociVersion": "1.0.2",
            "root": {"path": "rootfs", "readonly": True},
            "process": {
                "user": {"uid": uid, "gid": 0},
                "args": ["/wasm-server", *arguments],
                "env": ["PATH=/", "WASM_SERVER_DRAIN_DELAY=1s"],
                "cwd": "/",
                "noNewPrivileges": True,
                "capabilities": {kind: [] for kind in ("bounding", "effective", "inheritable", "permitted", "ambient")},
            },
            "mounts": [mount("proc", "/proc"), mount("tmpfs", "/dev", "mode=755"), mount("sysfs", "/sys", "ro")]
            + [
                {"destination": target, "type": "bind", "source": str(source), "options": ["rbind", "ro"]}
                for source, target in binds.items()
            ],
            "linux": {
                # No network namespace of its own: it shares the one that isolate() made.
                "namespaces": [{"type": each} for each in ("pid", "ipc", "uts", "mount")]
            },
        }

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def pid(self) -> int:
        return int(json.loads(output_of(*self.crun, "state", self.name))["pid"])

    def inside(self, *arguments: str) -> list[str]:
        """The command that runs the program once more in the container."""
        return [*self.crun, "exec", self.name, "/wasm-server", *arguments]

    def peak(self) -> int:
        """The most memory that it held so far: what its control group was charged with, or what was resident."""
        if self.group.is_limited:
            return self.group.peak()
        status = Path(f"/proc/{self.pid()}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) << 10

    def is_ready(self, host: str = LOOPBACK) -> bool:
        """Waits until it is ready, or has ended."""
        while self.process.poll() is None:
            with contextlib.suppress(OSError):
                if get("/readyz", host, 9082)[0] == 200:
                    return True
            time.sleep(0.02)
        return False

    def terminate(self) -> None:
        """Asks it to end, as a cluster does; a second signal would cut short what it does then."""
        if not self.is_asked_to_end and self.process.poll() is None:
            run(*self.crun, "kill", self.name, "TERM")
        self.is_asked_to_end = True

    def stop(self) -> int:
        """Has it end, and tells its exit code."""
        self.terminate()
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            run(*self.crun, "kill", self.name, "KILL")
            return self.process.wait()

    def __exit__(self, *_: object) -> None:
        self.stop()
        run(*self.crun, "delete", "--force", self.name)
        self.group.remove()


def get(path: str, host: str = LOOPBACK, port: int = 8082, tls: ssl.SSLContext | None = None) -> tuple[int, bytes]:
    """The status, 0 if there was no whole answer, and the content."""
    response = http1.get(port, path, host=host, source=LOOPBACK, limit=LIMIT, tls=tls)
    return (response.status, response.body) if response else (0, b"")


def isolate() -> None:
    """Leaves the machine's network for one that has nothing but a loopback, with all that this process starts."""
    new_mounts, new_network = 0x00020000, 0x40000000
    if ctypes.CDLL(None, use_errno=True).unshare(new_mounts | new_network) != 0:
        raise VerificationError(f"no network of its own: {os.strerror(ctypes.get_errno())}; run this as root")
    output_of("ip", "link", "set", "lo", "up")
    output_of("mount", "--make-rprivate", "/")
    # crun refuses to run where both versions of control groups are mounted.
    if Path("/sys/fs/cgroup/unified").is_mount():
        output_of("umount", "/sys/fs/cgroup/unified")
