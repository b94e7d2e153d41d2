# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Other programs, and what they print."""

import hashlib
import subprocess
import sys


def run(*command: object, **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, **more)


def demanded(*command: object) -> str:
    """What a command prints that the rest depends on."""
    done = run(*command)
    if done.returncode != 0:
        sys.exit(f"check-image: {command[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
