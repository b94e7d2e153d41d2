# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 12, ranges that ask for more than there is (CVE-2011-3192)."""

from verification.attacks.fixture import AttackFixture, row
from verification.clients import http1
from verification.clients.http1 import Response
from verification.clients.sessions import get_over_http2
from verification.sources.module import SIZE

OVERHEAD = 1024
FIT = 8 * 1024 - 16
OVERLAPPING = ",".join(f"0-{last}" for last in range(1000, 2000))
FORMS = {
    "1,000 overlapping": [f"bytes={OVERLAPPING}"[:FIT].rsplit(",", 1)[0]],
    "all, again and again": ["bytes=" + ",".join(["0-"] * 2000)],
    "single bytes": ["bytes=" + ",".join(f"{n}-{n}" for n in range(0, 1400, 2))],
    "suffixes": ["bytes=" + ",".join(["-4000000"] * 800)],
    "two": ["bytes=0-1,5-6"],
    "two fields": ["bytes=0-1", "bytes=5-6"],
    "2^64": ["bytes=18446744073709551616-"],
    "2^63": ["bytes=9223372036854775808-9223372036854775809"],
    "to 2^64": ["bytes=0-18446744073709551616"],
    "suffix 2^64": ["bytes=-18446744073709551616"],
    "2^64 - 1": [f"bytes={(1 << 64) - 1}-{(1 << 64) - 1}"],
    "200 digits": [f"bytes={'9' * 200}-"],
    "the end": [f"bytes={1 << 40}-"],
    "suffix 0": ["bytes=-0"],
    "backwards": ["bytes=5-2"],
    "minus": ["bytes=--1"],
    "nothing": ["bytes="],
    "only a dash": ["bytes=-"],
    "sign": ["bytes=+0-+5"],
    "hexadecimal": ["bytes=0x0-0xf"],
    "spaces": ["bytes = 0 - 1"],
    "other unit": ["lines=0-1"],
    "capitals": ["BYTES=0-1"],
    "NUL": ["bytes=0-\x00"],
    "first byte": ["bytes=0-0"],
    "all": [f"bytes=0-{1 << 62}"],
}


@row(12, "Range floods", "200, 206 or 416; ≤ size + 1 KiB out")
def attack(fixture: AttackFixture) -> None:
    most, statuses = 0, set()
    for form, ranges in FORMS.items():
        request = http1.request("/plugin.wasm", *(f"Range: {value}" for value in ranges), closes=True)
        answer = http1.exchange(fixture.port, request, quiet=5.0)
        if fixture.require(len(answer.responses) == 1 and not answer.rest, f"{form}: {answer.statuses}"):
            most = max(most, answer.received)
            statuses.add(answer.statuses[0])
            _judge(fixture, form, answer.responses[0], {200, 206, 416} | ({400} if form == "NUL" else set()))
        if form != "NUL":
            second = get_over_http2(fixture.port, "/plugin.wasm", *(("range", value) for value in ranges))
            if fixture.require(second is not None, f"h2 {form}: no response"):
                _judge(fixture, f"h2 {form}", second, {answer.statuses[0]} if answer.statuses else set())
    fixture.tell(f"{len(FORMS)} forms on h1 and h2, statuses {sorted(statuses)}, at most size {most - SIZE:+} bytes out")
    fixture.require(most <= SIZE + OVERHEAD, f"{most} bytes out")


def _judge(fixture: AttackFixture, form: str, response: Response, allowed: set[int]) -> None:
    fixture.require(response.status in allowed, f"{form}: status {response.status}, not of {sorted(allowed)}")
    if response.status == 200:
        fixture.require(fixture.is_module(response.body), f"{form}: wrong bytes")
    elif response.status == 206:
        span, _, total = response.fields.get("content-range", "").removeprefix("bytes ").partition("/")
        first, _, last = span.partition("-")
        is_right = first.isdigit() and last.isdigit() and int(total) == len(fixture.module.content)
        is_right = is_right and response.body == fixture.module.content[int(first) : int(last) + 1]
        fixture.require(is_right, f"{form}: wrong part {span}")
