# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A volume of our own, as the kernel's FUSE speaks to it: its files have any times that we like, and it can stop answering.

Needs root and /dev/fuse. The numbers and layouts are those of <linux/fuse.h>, version 7.31.
"""

import ctypes
import errno
import os
import stat
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from verification.programs import VerificationError

DEVICE = "/dev/fuse"


class Operation(IntEnum):
    """What the kernel asks for."""

    LOOKUP = 1
    FORGET = 2
    GETATTR = 3
    OPEN = 14
    READ = 15
    STATFS = 17
    RELEASE = 18
    FLUSH = 25
    INIT = 26
    OPENDIR = 27
    READDIR = 28
    RELEASEDIR = 29
    INTERRUPT = 36
    BATCH_FORGET = 42


UNANSWERED = {Operation.FORGET, Operation.INTERRUPT, Operation.BATCH_FORGET}
REQUEST, ANSWER = struct.Struct("<IIQQIII4x"), struct.Struct("<IiQ")
ATTRIBUTES = struct.Struct("<QQQqqqIIIIIIIIII")
BUFFER, MOST_BYTES = 1 << 20, 1 << 17
LONGEST = 90.0  # seconds
ROOT = 1
READ_ONLY, NO_SUID, NO_DEVICES, DETACH = 1, 2, 4, 2


@dataclass
class File:
    """Bytes and the seconds since 1970 at which they, or their inode, are said to have changed."""

    content: bytes
    time: int = 0


class Volume:
    """A directory with files; leaving its `with` block takes it away, whatever still waits for it."""

    def __init__(self, root: Path, files: dict[str, File]) -> None:
        self.root = root
        self._names: list[str] = []
        self._files: list[File] = []
        self._is_hanging, self._held, self._lock = False, [], threading.Lock()
        for name, file in files.items():
            self.put(name, file)

    def put(self, name: str, file: File) -> None:
        """Puts a file into the place of another, under an inode of its own."""
        if name in self._names:
            self._names[self._names.index(name)] = ""
        self._files.append(file)
        self._names.append(name)

    def hang(self) -> None:
        """Stops answering, for a minute or two: the kernel lets nobody go who waits for FUSE, not even one who was killed."""
        with self._lock:
            self._is_hanging = True
        end = threading.Timer(LONGEST, self.recover)
        end.daemon = True
        end.start()

    def recover(self) -> None:
        with self._lock:
            self._is_hanging, held, self._held = False, self._held, []
        for request in held:
            self._answer(*request)

    @property
    def waiting(self) -> int:
        return len(self._held)

    def __enter__(self) -> "Volume":
        self.root.mkdir(parents=True)
        try:
            self._device = os.open(DEVICE, os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            raise VerificationError(f"this needs root and {DEVICE}: {error}") from error
        libc = ctypes.CDLL(None, use_errno=True)
        options = f"fd={self._device},rootmode=40000,user_id=0,group_id=0,allow_other".encode()
        if libc.mount(b"volume", bytes(self.root), b"fuse", READ_ONLY | NO_SUID | NO_DEVICES, options) != 0:
            os.close(self._device)
            raise VerificationError(f"this needs root: mounting failed: {os.strerror(ctypes.get_errno())}")
        self._unmount = lambda: libc.umount2(bytes(self.root), DETACH)
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.recover()
        self._unmount()

    def _serve(self) -> None:
        while True:
            try:
                request = os.read(self._device, BUFFER)
            except OSError:  # it is unmounted
                return os.close(self._device)
            _, operation, unique, node, *_ = REQUEST.unpack_from(request)
            with self._lock:
                if self._is_hanging and operation not in UNANSWERED:
                    self._held.append((operation, unique, node, request[REQUEST.size :]))
                    continue
            if operation not in UNANSWERED:
                self._answer(operation, unique, node, request[REQUEST.size :])

    def _answer(self, operation: int, unique: int, node: int, body: bytes) -> None:
        content = self._content(operation, node, body)
        error, content = (-content, b"") if isinstance(content, int) else (0, content)
        with suppress(OSError):  # whoever asked is gone
            os.write(self._device, ANSWER.pack(ANSWER.size + len(content), error, unique) + content)

    def _content(self, operation: int, node: int, body: bytes) -> bytes | int:
        match operation:
            case Operation.INIT:
                return struct.pack("<IIIIHHIIHH32x", 7, 31, 0, 0, 16, 12, MOST_BYTES, 1, 0, 0)
            case Operation.LOOKUP:
                name = body.rstrip(b"\0").decode()
                if name not in self._names:
                    return errno.ENOENT
                found = ROOT + 1 + self._names.index(name)
                return struct.pack("<QQQQII", found, 0, 0, 0, 0, 0) + self._attributes(found)
            case Operation.GETATTR:
                return struct.pack("<QII", 0, 0, 0) + self._attributes(node)
            case Operation.OPEN | Operation.OPENDIR:
                return struct.pack("<QII", 0, 0, 0)
            case Operation.READ:
                offset, size = struct.unpack_from("<QI", body, 8)
                return self._files[node - ROOT - 1].content[offset : offset + size]
            case Operation.READDIR:
                return self._entries(*struct.unpack_from("<QI", body, 8))
            case Operation.STATFS:
                return bytes(80)
            case Operation.RELEASE | Operation.FLUSH | Operation.RELEASEDIR:
                return b""
            case _:
                return errno.ENOSYS

    def _attributes(self, node: int) -> bytes:
        file = File(b"") if node == ROOT else self._files[node - ROOT - 1]
        mode = stat.S_IFDIR | 0o555 if node == ROOT else stat.S_IFREG | 0o444
        size, time = len(file.content), file.time
        return ATTRIBUTES.pack(node, size, -(-size // 512), time, time, time, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)

    def _entries(self, offset: int, size: int) -> bytes:
        entries = b""
        for index, name in list(enumerate(self._names))[offset:]:
            if not name:
                continue
            text = name.encode()
            entry = struct.pack("<QQII", ROOT + 1 + index, index + 1, len(text), stat.S_IFREG >> 12) + text
            entry += bytes(-len(entry) % 8)
            if len(entries) + len(entry) > size:
                break
            entries += entry
        return entries
