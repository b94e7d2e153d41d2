# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The bystander: an honest client beside each attack, in a process of its own, which the attack's does not slow."""

import hashlib
import http.client
import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

INTERVAL = 1.0
TIMEOUT = 10.0
ADDRESS = "127.0.0.99"  # not the attacker's: limits may be set for each client
LIMIT_MILLISECONDS = 250.0


@dataclass(frozen=True)
class Fetch:
    """One download; `problem` is None if every byte was right."""

    milliseconds: float
    problem: str | None


class Bystander:
    """Fetches the module by its digest once a second, on a new connection each time or on one that it keeps."""

    def __init__(self, port: int, digest: str, kept_alive: bool = False) -> None:
        self.fetches: list[Fetch] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", __spec__.name, str(port), digest, "kept" if kept_alive else "fresh"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def stop(self) -> list[Fetch]:
        """Waits for the download under way."""
        self._process.stdin.close()
        self._process.wait()
        self._reader.join()
        self._process.stdout.close()
        return self.fetches

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def right(self) -> int:
        return len(self.fetches) - len(self.problems)

    @property
    def problems(self) -> list[str]:
        return [fetch.problem for fetch in self.fetches if fetch.problem]

    @property
    def p99(self) -> float:
        """Milliseconds; of fewer than a hundred downloads, the slowest."""
        times = sorted(fetch.milliseconds for fetch in self.fetches)
        return times[max(0, -(-len(times) * 99 // 100) - 1)] if times else 0.0

    def _read(self) -> None:
        for line in self._process.stdout:
            self.fetches.append(Fetch(**json.loads(line)))


def main() -> None:
    """Fetches until its standard input ends."""
    port, digest, mode = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    connection = None
    while True:
        begin = time.monotonic()
        if connection is None or mode == "fresh":
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT, source_address=(ADDRESS, 0))
        milliseconds, problem = _fetch(connection, digest)
        if problem or mode == "fresh":
            connection.close()
        print(json.dumps({"milliseconds": milliseconds, "problem": problem}), flush=True)
        if ended.wait(max(0.0, INTERVAL - (time.monotonic() - begin))):
            return


def _fetch(connection: http.client.HTTPConnection, digest: str) -> tuple[float, str | None]:
    begin = time.perf_counter()
    try:
        connection.request("GET", f"/sha256/{digest}.wasm")
        response = connection.getresponse()
        body = response.read()
        problem = None if response.status == 200 else f"status {response.status}"
    except (OSError, http.client.HTTPException) as error:
        body, problem = b"", repr(error)
    milliseconds = (time.perf_counter() - begin) * 1000
    if not problem and hashlib.sha256(body).hexdigest() != digest:
        problem = "wrong bytes"
    return milliseconds, problem


if __name__ == "__main__":
    main()
