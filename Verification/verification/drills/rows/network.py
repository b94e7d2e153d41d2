# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The network as it is: names that are cached, lost or gone, a replica that hangs, is cut off or killed, and long ways."""

import threading
import time

from verification.drills.lab import NEEDS, PREFIXES, Lab, is_possible
from verification.fixture import Fixture, Row, in_seconds
from verification.server.dns import NOERROR, NXDOMAIN
from verification.sources.module import UNKNOWN, Module

SIZE = 300_000
LOST_SECONDS = 2.0
LONGEST = 5.0  # seconds that any answer may take
# One way from a replica to the bridge in seconds, the part of its packets that is lost each way, and the size of a module.
CABLES = {
    "400 ms": (0.1, 0.0, 300_000),
    "500 ms": (0.125, 0.0, 300_000),
    "500 ms, 4.3 MB": (0.125, 0.0, 4_300_000),
    "100 ms and 5 % lost": (0.025, 0.025, 20_000),
}
TRIES = 5
FOLLOWED = 40.0  # seconds: replicas look at each other every ten


def run_near(fixture: Fixture) -> None:
    if not is_possible():
        fixture.report(f"skipped: {NEEDS}")
        return
    for family in PREFIXES:
        for is_secure in (False, True):
            with Lab(fixture, family, is_secure) as lab:
                _run_near(fixture, lab, f"{family} with mutual TLS" if is_secure else family)
    with Lab(fixture, "IPv4", is_secure=False) as lab:
        _run_with_broken_ipv6(fixture, lab)


def _run_near(fixture: Fixture, lab: Lab, family: str) -> None:
    versions = [Module.plugin(version, SIZE) for version in range(7)]
    first, second, third = (lab.address(number) for number in (1, 2, 3))

    lab.names.addresses = [first]
    server = lab.start(1, versions[0])
    fixture.require(not server.says_of("no peer answered"), f"{family}: the first of all replicas warned that no peer answered")

    # The first replica's cache does not know the second, which has asked it.
    lab.names.cached[first] = [first]
    lab.names.addresses = [first, second]
    lab.start(2, versions[1])
    cached = lab.tries(1, versions[1])
    fixture.require(cached == [200], f"{family}: what a new replica had just announced was answered with {cached}")
    adopted = lab.tries(2, versions[0])
    fixture.require(adopted == [200], f"{family}: what an old replica had announced was answered with {adopted}")

    # The third's queries are lost for a while.
    lab.names.cached.clear()
    lab.names.addresses = [first, second, third]
    lab.names.silent.add(third)
    threading.Timer(LOST_SECONDS, lab.names.silent.discard, [third]).start()
    server = lab.start(3, versions[2])
    report = server.says_of("adopted")
    modules = int(report[0]["modules"]) if report else 0
    fixture.require(modules >= 2, f"{family}: {modules} modules adopted while queries were lost for {LOST_SECONDS:.0f} s")

    # The name is gone for a while.
    lab.names.code = NXDOMAIN
    lab.replace(2, versions[3])
    gone = lab.tries(1, versions[3])
    fixture.require(gone == [200], f"{family}: while the name was gone, what a peer announced was answered with {gone}")
    lab.names.code = NOERROR

    # One replica hangs, and then another version is announced; the same with one that is killed.
    lab.hang(3, hangs=True)
    lab.replace(2, versions[4])
    hanging = lab.tries(1, versions[4])
    lab.hang(3, hangs=False)
    fixture.require(hanging == [200], f"{family}: while a replica hung, what another announced was answered with {hanging}")

    lab.connect(3, is_up=False)
    status, _ = lab.get(1, UNKNOWN)
    fixture.require(status == 503, f"{family}: with a replica cut off, what may be there was answered with {status}")
    lab.connect(3, is_up=True)
    never = f"{family}: what nobody has was never answered with 404 again"
    fixture.await_until(lambda: lab.get(1, UNKNOWN)[0] == 404, 30.0, never)

    # What was announced on the other side meanwhile.
    lab.connect(3, is_up=False)
    lab.announce_unseen(3, versions[6])
    lab.connect(3, is_up=True)
    healed = lab.tries(1, versions[6])
    fixture.require(healed[-1] == 200, f"{family}: what was announced beyond a partition was answered with {healed} after it")

    lab.kill(3)
    lab.replace(2, versions[5])
    killed = lab.tries(1, versions[5])
    fixture.require(killed == [200], f"{family}: with a replica killed, what another announced was answered with {killed}")

    fixture.report(
        f"{family}: cached name {cached}, queries lost: {modules} adopted, name gone {gone}, one hung {hanging}, "
        f"partition healed {healed}, killed {killed}"
    )


def _run_with_broken_ipv6(fixture: Fixture, lab: Lab) -> None:
    """The name leads to IPv4 addresses, and to IPv6 addresses that nobody answers."""
    versions = [Module.plugin(version, SIZE) for version in range(2)]
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
    fixture.require(found == [200], f"broken IPv6: what a new replica had announced was answered with {found}")
    fixture.require(adopted == [200], f"broken IPv6: what an old replica had announced was answered with {adopted}")
    fixture.require(unknown in (404, 503) and slowest < LONGEST, f"broken IPv6: {unknown} after {slowest:.1f} s")
    fixture.report(f"broken IPv6: found {found} and {adopted} in {seconds:.1f} s, unknown {unknown} in {slowest:.1f} s")


def run_far(fixture: Fixture) -> None:
    """Replicas that are far from each other, or lose packets: they take over what others have, or find it at a later try."""
    if not is_possible():
        fixture.report(f"skipped: {NEEDS}")
        return
    for name, (delay, loss, size) in CABLES.items():
        for is_secure in (False, True):
            with Lab(fixture, "IPv4", is_secure, delay, loss) as lab:
                _run_far(fixture, lab, f"{name} with mutual TLS" if is_secure else name, size, is_whole=not loss)


def _run_far(fixture: Fixture, lab: Lab, name: str, size: int, is_whole: bool) -> None:
    versions = [Module.plugin(version, size) for version in range(3)]
    first, second = lab.address(1), lab.address(2)
    lab.names.addresses = [first]
    lab.start(1, versions[0])
    lab.names.addresses = [first, second]
    adopted = sum(int(event["modules"]) for event in lab.start(2, versions[1]).says_of("adopted"))
    fixture.require(adopted == 1 or not is_whole, f"{name}: a new replica took over nothing before it was ready")
    searched = lab.tries(1, versions[1], TRIES)
    fixture.require(searched[-1] == 200, f"{name}: what a replica had announced was answered with {searched}")
    lab.replace(1, versions[2])
    never = f"{name}: what the old replica had announced was never found"
    followed = fixture.await_until(lambda: lab.get(2, versions[0].path)[0] == 200, FOLLOWED, never)
    again = lab.tries(2, versions[2], TRIES)
    fixture.require(again[-1] == 200, f"{name}: what the old replica announced then was answered with {again}")
    fixture.report(f"{name}: {adopted} adopted, new {searched}, old found in {in_seconds(followed)}, then {again}")


ROWS = [
    Row("network", "no 404 for what is announced; adoption and searches whatever names and network do", run_near),
    Row("network-far", "round trips of 500 ms: adopted before ready; with lost packets, too: found by the fifth try", run_far),
]
