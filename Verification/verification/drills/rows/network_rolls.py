# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Replicas that are rolled forward and back while DNS is cached: nobody may miss the module whose digest was announced."""

import time

from verification.clients.gateways import AS_PRINTED, ENVOYS_OWN
from verification.drills.campaign import Campaign
from verification.drills.gateways import Layout
from verification.drills.lab import NEEDS, PORT, Lab, is_possible
from verification.fixture import Fixture, Row
from verification.sources.module import digest_path

# How long an address is cached, in seconds; how gateways that want no failure at all try again; and how long it rests between two
# rolls: when all are replaced twice before a cache expires, those that come may know nobody whom those that go have known.
TTLS = {0: (ENVOYS_OWN, 0.0), 5: (ENVOYS_OWN, 0.0), 30: (AS_PRINTED, 30.0)}
GATEWAYS, NUMBERS = 24, range(1, 9)
ROLLS, QUICK_ROLLS = 6, 2
AFTERWARDS = 10.0  # seconds: gateways take digests from before a roll for a while
MOST_SECONDS = 300.0


def run(fixture: Fixture) -> None:
    if not is_possible():
        fixture.report(f"skipped: {NEEDS}")
        return
    for ttl, (retries, rest) in TTLS.items():
        with Lab(fixture, "IPv4", is_secure=False) as lab:
            lab.names.ttl = ttl
            fixture.report(f"TTL {ttl} s, {retries.count} retries")
            _roll(fixture, lab, Layout(PORT, ("h1", "h2c"), digest_path, retries), ttl, rest)


def _roll(fixture: Fixture, lab: Lab, layout: Layout, ttl: int, rest: float) -> None:
    rolls = QUICK_ROLLS if fixture.quick else ROLLS
    addresses = [lab.address(number) for number in NUMBERS]
    with Campaign(fixture, lab.replica, addresses, layout, GATEWAYS) as campaign:
        campaign.roll_until(lambda: campaign.deployment.rolls >= rolls, MOST_SECONDS, rest)
        time.sleep(AFTERWARDS)
    tally = campaign.judge(fixture, f"TTL {ttl} s: ")
    fixture.require(tally.boots > 0, f"TTL {ttl} s: nothing was fetched")


ROWS = [Row("network-rolls", "0 failed: with one retry up to a TTL of 5 s, with the printed policy at 30 s", run)]
