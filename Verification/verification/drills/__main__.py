# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Drills what a release build of the server does while its modules change, row by row, and says which rows hold.

Gateways read a digest at one moment and fetch the module at another, perhaps from another replica; the rows see to it
that replicas, files and requests are at odds as often as possible. Each row has servers and a folder of its own.

Exit code: 0 when every row held; 1 when one did not, or could not be run; 64 for a wrong argument.
"""

import tempfile
import time
from pathlib import Path

from verification.command import finish, row_arguments, yield_to_servers
from verification.drills.rows import changing_files, churn, envoys, fleet, network, network_rolls, random_digests, upgrade
from verification.fixture import Fixture, Row, summarize

NAME = "drill"
ROWS = [
    *upgrade.ROWS,
    *envoys.ROWS,
    *fleet.ROWS,
    *changing_files.ROWS,
    *random_digests.ROWS,
    *network.ROWS,
    *network_rolls.ROWS,
    *churn.ROWS,
]


DOES = "Drills what a release build of the server does while its modules change, row by row:"


def run(row: Row, binary: Path, quick: bool) -> bool:
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="wasm-server-drill-") as folder:
        fixture = Fixture(binary, Path(folder), quick)
        fixture.run_row(row.run)
    print(fixture.line(f"{row.name:<14}", f"expected: {row.expected}", time.monotonic() - begin), flush=True)
    return not fixture.failures


def main() -> int:
    given = row_arguments(NAME, DOES, {row.name: f"{row.name}: {row.expected}" for row in ROWS}, "NAME").given()
    yield_to_servers()
    return summarize([run(row, given.server, given.quick) for row in ROWS if not given.row or row.name in given.row])


if __name__ == "__main__":
    finish(NAME, main)
