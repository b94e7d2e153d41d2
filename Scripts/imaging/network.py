# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A network that has nothing but what the checks put into it."""

import ctypes
import os
import socket
import struct
import sys
import threading
from pathlib import Path

from imaging.tools import demanded


def isolate() -> None:
    """Leaves the machine's network for one that has nothing but a loopback, with all that this process starts."""
    new_mounts, new_network = 0x00020000, 0x40000000
    if ctypes.CDLL(None, use_errno=True).unshare(new_mounts | new_network) != 0:
        sys.exit(f"check-image: no network of its own: {os.strerror(ctypes.get_errno())}; run this as root")
    demanded("ip", "link", "set", "lo", "up")
    demanded("mount", "--make-rprivate", "/")
    # crun refuses to run where both versions of control groups are mounted.
    if Path("/sys/fs/cgroup/unified").is_mount():
        demanded("umount", "/sys/fs/cgroup/unified")


def answer_names(name: str, addresses: list[str]) -> None:
    """Answers on 127.0.0.1:53 as a cluster's DNS answers for a headless Service (RFC 1035, section 4)."""
    port = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    port.bind(("127.0.0.1", 53))

    def serve() -> None:
        while True:
            query, client = port.recvfrom(512)
            labels, place = [], 12
            while query[place]:
                labels.append(query[place + 1 : place + 1 + query[place]].decode())
                place += query[place] + 1
            question, kind = query[12 : place + 5], query[place + 1 : place + 3]
            known = ".".join(labels) == name
            found = addresses if known and kind == b"\0\1" else []
            records = [b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 5, 4) + socket.inet_aton(each) for each in found]
            flags = 0x8180 if known else 0x8183
            port.sendto(
                query[:2] + struct.pack(">HHHHH", flags, 1, len(records), 0, 0) + question + b"".join(records), client
            )

    threading.Thread(target=serve, daemon=True).start()
