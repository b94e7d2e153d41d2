# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Programs that are started in a process group of their own, and ended with all that they started."""

import os
import signal
import subprocess


def kill_group(process: subprocess.Popen) -> None:
    """Kills the leader of a group and its members; it is no error if they have ended."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
