# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Replicas that are rolled forward and back under gateways: nobody may miss the module whose digest was announced."""

import itertools
from pathlib import Path

from verification.drills.campaign import ADDRESSES, Campaign, our_replicas
from verification.drills.gateways import Layout
from verification.drills.rollout import Start
from verification.fixture import Fixture, Row
from verification.programs import program_path
from verification.server.nginx import Nginx
from verification.server.process import Server, free_ports

GATEWAYS = 80
ENOUGH, QUICK_ENOUGH = 10_000, 500
ROLLS, QUICK_ROLLS = 12, 2
MOST_SECONDS = 600.0


def upgrade_ours(fixture: Fixture) -> None:
    campaign = _drill(fixture, *our_replicas(fixture, ADDRESSES))
    tally = campaign.judge(fixture)
    fixture.require(tally.fetched.total() >= _enough(fixture), f"only {tally.fetched.total():,} fetches in the time")
    codes = sorted({code for code in campaign.deployment.exits if code != 0})
    fixture.require(not codes, f"exit codes {codes}")


def upgrade_nginx(fixture: Fixture) -> None:
    """The same drill against the original's nginx, for the record: what plain file servers do to gateways."""
    program_path("nginx", "bench")
    fixture.work.chmod(0o755)  # nginx's workers run as another user when its master runs as root
    (port,), numbers = free_ports(1, tuple(ADDRESSES)), itertools.count()

    def start(source: Path, address: str) -> Server:
        return Nginx.original(fixture.work / f"nginx-{next(numbers)}", source, port, address)

    _drill(fixture, start, Layout(port, ("h1",), lambda _digest: "/plugin.wasm")).report(fixture)


def _drill(fixture: Fixture, start: Start, layout: Layout) -> Campaign:
    """Rolls replicas under gateways until there were enough of both."""
    rolls = QUICK_ROLLS if fixture.quick else ROLLS
    with Campaign(fixture, start, ADDRESSES, layout, GATEWAYS) as campaign:
        campaign.roll_until(lambda: campaign.deployment.rolls >= rolls and campaign.boots >= _enough(fixture), MOST_SECONDS)
    return campaign


def _enough(fixture: Fixture) -> int:
    return QUICK_ENOUGH if fixture.quick else ENOUGH


ROWS = [Row("upgrade", "0 failed, 0 mismatched; exit 0", upgrade_ours), Row("upgrade-nginx", "for the record", upgrade_nginx)]
