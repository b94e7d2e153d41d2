# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Floods of requests, each for another random digest; wrk(1) makes them."""

import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path

from harness.errors import AttackError

SCRIPT = Path(__file__).with_suffix(".lua")
LIMIT = 60.0
NICENESS = 10  # the attacker has a machine of his own: here, servers and bystander come first


def flood(port: int, prefix: str, suffix: str, connections: int, seconds: int) -> Counter[str]:
    """How often each outcome came: `not_found`, `unavailable`, `other`, and `broken` for no answer."""
    url = f"http://127.0.0.1:{port}"
    load = ["--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s", "--timeout", "15s"]
    command = ["nice", f"--adjustment={NICENESS}", "wrk", *load, "--script", SCRIPT, url, "--", prefix, suffix]
    if not shutil.which("wrk"):
        raise AttackError("wrk is missing; install it with Scripts/install-bench-tools")
    result = subprocess.run(command, capture_output=True, text=True, timeout=seconds + LIMIT)
    lines = [line for line in result.stdout.splitlines() if line.startswith("{")]
    if not lines:
        raise AttackError(f"wrk said nothing of use: {result.stdout}{result.stderr}")
    return Counter(json.loads(lines[0]))
