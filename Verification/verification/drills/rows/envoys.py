# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Real Envoys that start at random moments of the drill, as Kuadrant configures them but for the digest in the path."""

import random
import threading
import time
from pathlib import Path

from verification.clients.sessions import SessionError
from verification.drills.campaign import ADDRESSES, Campaign, our_replicas
from verification.drills.envoy import VERSIONS, Envoy, bootstrap
from verification.drills.gateways import announced_digest
from verification.fixture import Fixture, Row
from verification.programs import VerificationError
from verification.sources.module import digest_path
from verification.threads import ThreadGroup

ENVOYS, QUICK_ENVOYS = 5, 2
STARTS = 20.0  # seconds within which they start
GATEWAYS = 8
MOST_SECONDS = 180.0


class Gateway(threading.Thread):
    """One Envoy: every other one is told a digest that the control plane has kept, if it has one."""

    def __init__(self, number: int, campaign: Campaign, work: Path) -> None:
        super().__init__(daemon=True)
        self.version = VERSIONS[number % len(VERSIONS)]
        self.seconds: float | None = None
        self.problem = ""
        self._number, self._campaign, self._folder = number, campaign, work / f"envoy-{number}"

    def run(self) -> None:
        time.sleep(random.uniform(0, STARTS))
        try:
            self._boot()
        except (VerificationError, OSError, SessionError) as error:
            self.problem = repr(error)

    def _boot(self) -> None:
        campaign = self._campaign
        endpoints, port = campaign.deployment.endpoints, campaign.layout.port
        kept = campaign.control.kept_digest() if self._number % 2 == 0 else None
        digest = kept or announced_digest(port, endpoints)
        configuration = bootstrap(digest_path(digest), digest, endpoints.seen(), port)
        with Envoy(self.version, configuration, self._folder) as envoy:
            self.seconds = envoy.seconds_to_plugin()
            self.problem = "" if self.seconds else f"no plugin: {envoy.log_tail()}"


def run(fixture: Fixture) -> None:
    start, layout = our_replicas(fixture, ADDRESSES)
    campaign = Campaign(fixture, start, ADDRESSES, layout, GATEWAYS)
    envoys = [Gateway(number, campaign, fixture.work) for number in range(QUICK_ENVOYS if fixture.quick else ENVOYS)]
    with campaign, ThreadGroup(envoys):
        campaign.roll_until(lambda: not any(envoy.is_alive() for envoy in envoys), MOST_SECONDS)
    campaign.judge(fixture)
    loaded = [envoy for envoy in envoys if envoy.seconds]
    slowest = max((envoy.seconds for envoy in loaded), default=0.0)
    fixture.report(f"{len(loaded)} of {len(envoys)} Envoys run the plugin, the slowest after {slowest:.1f} s")
    for envoy in envoys:
        fixture.require(envoy.seconds is not None, f"Envoy {envoy.version}: {envoy.problem}")


ROWS = [Row("envoys", "every Envoy runs the plugin", run)]
