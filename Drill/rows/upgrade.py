# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Replicas that are rolled forward and back under gateways: nobody may miss the module whose digest was announced."""

import time

from drill.campaign import ADDRESSES, FIRST, Campaign, tell, write_version
from drill.deployment import Deployment, Start
from drill.gateways import Layout
from drill.replicas import our_replicas
from drill.row import Row
from harness.scene import Stage

GATEWAYS = 80
ENOUGH, QUICK_ENOUGH = 10_000, 500
ROLLS, QUICK_ROLLS = 12, 2
MOST_SECONDS = 600.0


def play(stage: Stage) -> None:
    campaign = drill(stage, *our_replicas(stage, ADDRESSES))
    tally = tell(stage, campaign)
    stage.require(not tally.failed, f"{len(tally.failed)} fetches failed: {tally.failed[:3]}")
    stage.require(not tally.mismatched, f"{tally.mismatched} bodies had another digest")
    stage.require(tally.fetched.total() >= enough(stage), f"only {tally.fetched.total():,} fetches in the time")
    codes = sorted({code for code in campaign.deployment.exits if code != 0})
    stage.require(not codes, f"exit codes {codes}")


def drill(stage: Stage, start: Start, layout: Layout) -> Campaign:
    """Rolls replicas under gateways until there were enough of both."""
    with Deployment(start, ADDRESSES, write_version(stage.work, FIRST)) as deployment:
        campaign = Campaign(stage, deployment, layout, GATEWAYS)
        begin = time.monotonic()
        with campaign.at_work():
            campaign.roll_until(lambda: is_enough(stage, campaign, begin))
    return campaign


def enough(stage: Stage) -> int:
    return QUICK_ENOUGH if stage.quick else ENOUGH


def is_enough(stage: Stage, campaign: Campaign, begin: float) -> bool:
    rolls = campaign.deployment.rolls >= (QUICK_ROLLS if stage.quick else ROLLS)
    return rolls and campaign.boots >= enough(stage) or time.monotonic() - begin > MOST_SECONDS


ROW = Row("upgrade", "0 failed, 0 mismatched; exit 0", play)
