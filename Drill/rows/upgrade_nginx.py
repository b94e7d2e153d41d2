# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The same drill against the original's nginx, for the record: what plain file servers do to gateways."""

import itertools
import os
import shutil
from pathlib import Path

from drill.campaign import ADDRESSES, tell
from drill.gateways import Layout
from drill.pods import NginxPod, Pod
from drill.row import Row
from harness.errors import AttackError
from harness.replicas import free_ports
from harness.scene import Stage
from rows.upgrade import drill


def play(stage: Stage) -> None:
    binary = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")  # where only root looks
    if not binary:
        raise AttackError("nginx is missing; install it with Scripts/install-bench-tools")
    stage.work.chmod(0o755)  # nginx's workers run as another user when its master runs as root
    (port,), numbers = free_ports(1, tuple(ADDRESSES)), itertools.count()

    def start(source: Path, address: str) -> Pod:
        return NginxPod(binary, source, address, port, stage.work / f"nginx-{next(numbers)}")

    tell(stage, drill(stage, start, Layout(port, ("h1",), lambda _digest: "/plugin.wasm")))


ROW = Row("upgrade-nginx", "for the record", play)
