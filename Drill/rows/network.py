# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The network as it is: names that are cached, lost or gone, a replica that hangs, is cut off or killed."""

import threading
import time

from drill.dns import NOERROR, NXDOMAIN
from drill.lab import PREFIXES, Lab, is_possible
from drill.modules import plugin
from drill.row import Row
from harness.scene import Stage

SIZE = 300_000
LOST_SECONDS = 2.0
LONGEST = 5.0  # seconds that any answer may take
UNKNOWN = "/sha256/" + "0" * 64 + ".wasm"


def play(stage: Stage) -> None:
    if not is_possible():
        stage.tell("skipped: network namespaces need root and ip(8)")
        return
    for family in PREFIXES:
        for is_secure in (False, True):
            with Lab(stage, family, is_secure) as lab:
                _play(stage, lab, f"{family} with mutual TLS" if is_secure else family)
    with Lab(stage, "IPv4", is_secure=False) as lab:
        _play_broken(stage, lab)


def _play(stage: Stage, lab: Lab, family: str) -> None:
    versions = [plugin(version, SIZE) for version in range(7)]
    first, second, third = (lab.address(number) for number in (1, 2, 3))

    lab.names.addresses = [first]
    server = lab.start(1, versions[0])
    lonely = [event for event in server.events if event["message"] == "no peer answered"]
    stage.require(not lonely, f"{family}: the first of all replicas warned that no peer answered")

    # The first replica's cache does not know the second, which has asked it.
    lab.names.cached[first] = [first]
    lab.names.addresses = [first, second]
    lab.start(2, versions[1])
    cached = lab.tries(1, versions[1])
    stage.require(cached == [200], f"{family}: what a new replica had just announced was answered with {cached}")
    adopted = lab.tries(2, versions[0])
    stage.require(adopted == [200], f"{family}: what an old replica had announced was answered with {adopted}")

    # The third's queries are lost for a while.
    lab.names.cached.clear()
    lab.names.addresses = [first, second, third]
    lab.names.silent.add(third)
    threading.Timer(LOST_SECONDS, lab.names.silent.discard, [third]).start()
    server = lab.start(3, versions[2])
    report = [event for event in server.events if event["message"] == "adopted"]
    modules = int(report[0]["modules"]) if report else 0
    stage.require(modules >= 2, f"{family}: {modules} modules adopted while queries were lost for {LOST_SECONDS:.0f} s")

    # The name is gone for a while.
    lab.names.code = NXDOMAIN
    lab.replace(2, versions[3])
    gone = lab.tries(1, versions[3])
    stage.require(gone == [200], f"{family}: while the name was gone, what a peer announced was answered with {gone}")
    lab.names.code = NOERROR

    # One replica hangs, and then another version is announced; the same with one that is killed.
    lab.hang(3, hangs=True)
    lab.replace(2, versions[4])
    hanging = lab.tries(1, versions[4])
    lab.hang(3, hangs=False)
    stage.require(hanging == [200], f"{family}: while a replica hung, what another announced was answered with {hanging}")

    lab.connect(3, is_up=False)
    status, _ = lab.get(1, UNKNOWN)
    stage.require(status == 503, f"{family}: with a replica cut off, what may be there was answered with {status}")
    lab.connect(3, is_up=True)
    known = stage.await_until(lambda: lab.get(1, UNKNOWN)[0] == 404, 30.0)
    stage.require(known is not None, f"{family}: what nobody has was never answered with 404 again")

    # What was announced on the other side meanwhile.
    lab.connect(3, is_up=False)
    lab.announce_unseen(3, versions[6])
    lab.connect(3, is_up=True)
    healed = lab.tries(1, versions[6])
    stage.require(healed[-1] == 200, f"{family}: what was announced beyond a partition was answered with {healed} after it")

    lab.kill(3)
    lab.replace(2, versions[5])
    killed = lab.tries(1, versions[5])
    stage.require(killed == [200], f"{family}: with a replica killed, what another announced was answered with {killed}")

    stage.tell(
        f"{family}: cached name {cached}, queries lost: {modules} adopted, name gone {gone}, one hung {hanging}, "
        f"partition healed {healed}, killed {killed}"
    )


def _play_broken(stage: Stage, lab: Lab) -> None:
    """The name leads to IPv4 addresses, and to IPv6 addresses that nobody answers."""
    versions = [plugin(version, SIZE) for version in range(2)]
    first, second = lab.address(1), lab.address(2)
    nowhere = [f"{PREFIXES['IPv6'][0]}{number}" for number in (101, 102)]
    for number in (1, 2):
        lab.add(number)
        lab.add_addresses(number, "IPv6")
    lab.names.addresses = [first, *nowhere]
    lab.start(1, versions[0])
    lab.names.addresses = [first, second, *nowhere]
    lab.start(2, versions[1])
    begin = time.monotonic()
    found = lab.tries(1, versions[1])
    adopted = lab.tries(2, versions[0])
    seconds = time.monotonic() - begin
    begin = time.monotonic()
    unknown, _ = lab.get(1, UNKNOWN)
    slowest = time.monotonic() - begin
    stage.require(found == [200], f"broken IPv6: what a new replica had announced was answered with {found}")
    stage.require(adopted == [200], f"broken IPv6: what an old replica had announced was answered with {adopted}")
    stage.require(unknown in (404, 503) and slowest < LONGEST, f"broken IPv6: {unknown} after {slowest:.1f} s")
    stage.tell(f"broken IPv6: found {found} and {adopted} in {seconds:.1f} s, unknown {unknown} in {slowest:.1f} s")


ROW = Row("network", "no 404 for what is announced; adoption and searches whatever names and network do", play)
