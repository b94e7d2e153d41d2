# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Rows 12 and 13, parts and conditions: ranges that ask for more than there is, and the matrix of RFC 9110 §13 and RFC 9530.

Both protocols are asked.
"""

import itertools

from verification.attacks.fixture import AttackFixture, row
from verification.clients import http1
from verification.clients.http1 import Response, status_of
from verification.clients.sessions import get_over_http2
from verification.sources.module import SIZE

PATHS = ["/plugin.wasm", "/plugin.wasm.sha256", "/sha256/{digest}.wasm"]
ANY_DATE = "Sun, 06 Nov 1994 08:49:37 GMT"
PER_ANSWER = {"date", "connection"}

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


def _tags(etag: str) -> dict[str, str | None]:
    return {"none": None, "same": etag, "weak": f"W/{etag}", "other": '"other"', "list": f'"x", {etag}', "star": "*"}


def _expected(method: str, match: str, none_match: str, range_: bool, if_range: str) -> int:
    """RFC 9110 §13.2.2: If-Match compares strongly (§13.1.1), If-None-Match weakly (§13.1.2), If-Range strongly."""
    if match in ("weak", "other"):
        return 412
    if none_match in ("same", "weak", "list", "star"):
        return 304
    return 206 if method == "GET" and range_ and if_range in ("none", "same") else 200


@row(13, "Conditions and digests", "the matrix of RFC 9110 §13")
def ask_under_conditions(fixture: AttackFixture) -> None:
    count = 0
    for path in (path.format(digest=fixture.module.digest) for path in PATHS):
        whole = http1.get(fixture.port, path)
        if fixture.require(status_of(whole) == 200, f"{path} is not served"):
            count += _matrix(fixture, path, whole)
            _dates(fixture, path, whole)
    fixture.report(f"{count} combinations on h1 and on h2, with HEAD = GET and every digest checked")


def _matrix(fixture: AttackFixture, path: str, whole: Response) -> int:
    tags = _tags(whole.fields["etag"])
    if_ranges = ["none", "same", "weak", "other"]
    cases = itertools.product(("GET", "HEAD"), tags, tags, (False, True), if_ranges)
    cases = [case for case in cases if case[3] or case[4] == "none"]
    if fixture.quick:
        cases = cases[::5]
    for method, match, none_match, has_range, if_range in cases:
        fields = {"If-Match": tags[match], "If-None-Match": tags[none_match], "If-Range": tags[if_range]}
        fields = {name: value for name, value in fields.items() if value is not None} | (
            {"Range": "bytes=1-4"} if has_range else {}
        )
        expected = _expected(method, match, none_match, has_range, if_range)
        first = http1.get(fixture.port, path, *(f"{n}: {v}" for n, v in fields.items()), method=method)
        second = get_over_http2(fixture.port, path, *((n.lower(), v) for n, v in fields.items()), method=method)
        for protocol, response in (("h1", first), ("h2", second)):
            form = f"{protocol} {method} {path} {fields}"
            if fixture.require(status_of(response) == expected, f"{form}: {status_of(response)}, not {expected}"):
                _check(fixture, form, method, whole, response)
    return len(cases)


def _check(fixture: AttackFixture, form: str, method: str, whole: Response, response: Response) -> None:
    if response.status == 412:
        return
    body = {200: whole.body, 206: whole.body[1:5]}.get(response.status, b"") if method == "GET" else b""
    fixture.require(response.body == body, f"{form}: wrong body of {len(response.body)} bytes")
    fixture.require(response.fields.get("etag") == whole.fields["etag"], f"{form}: another ETag")
    announced = response.fields.get("repr-digest", whole.repr_digest if response.status == 304 else "")
    fixture.require(announced == whole.repr_digest, f"{form}: Repr-Digest {announced} is not the whole's")
    if response.status == 200:
        others = {field for field in response.fields.items() ^ whole.fields.items() if field[0] not in PER_ANSWER}
        fixture.require(not others, f"{form}: other fields than GET: {others}")


def _dates(fixture: AttackFixture, path: str, whole: Response) -> None:
    """A date counts only where one was told, and never beside a tag (RFC 9110 §13.1.3)."""
    told = whole.fields.get("last-modified")
    cases = {
        f"If-Modified-Since: {told or ANY_DATE}": 304 if told else 200,
        "If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT": 304 if told else 200,
        f"If-Modified-Since: {ANY_DATE}": 200,
        "If-Modified-Since: yesterday": 200,
        f"If-Unmodified-Since: {ANY_DATE}": 412 if told else 200,
        f'If-None-Match: "other"\r\nIf-Modified-Since: {told or ANY_DATE}': 200,
        f"Range: bytes=1-4\r\nIf-Range: {ANY_DATE}": 200,
    }
    for fields, expected in cases.items():
        status = status_of(http1.get(fixture.port, path, *fields.split("\r\n")))
        fixture.require(status == expected, f"{path} {fields!r}: {status}, not {expected}")


@row(12, "Range floods", "200, 206 or 416; ≤ size + 1 KiB out")
def ask_for_ranges(fixture: AttackFixture) -> None:
    """CVE-2011-3192."""
    most, statuses = 0, set()
    for form, ranges in FORMS.items():
        request = http1.request("/plugin.wasm", *(f"Range: {value}" for value in ranges), closes=True)
        answer = http1.exchange(fixture.port, request, quiet=5.0)
        if fixture.require(len(answer.responses) == 1 and not answer.rest, f"{form}: {answer.statuses}"):
            most = max(most, answer.received)
            statuses.add(answer.statuses[0])
            _judge_range(fixture, form, answer.responses[0], {200, 206, 416} | ({400} if form == "NUL" else set()))
        if form != "NUL":
            second = get_over_http2(fixture.port, "/plugin.wasm", *(("range", value) for value in ranges))
            if fixture.require(second is not None, f"h2 {form}: no response"):
                _judge_range(fixture, f"h2 {form}", second, {answer.statuses[0]} if answer.statuses else set())
    fixture.report(f"{len(FORMS)} forms on h1 and h2, statuses {sorted(statuses)}, at most size {most - SIZE:+} bytes out")
    fixture.require(most <= SIZE + OVERHEAD, f"{most} bytes out")


def _judge_range(fixture: AttackFixture, form: str, response: Response, allowed: set[int]) -> None:
    fixture.require(response.status in allowed, f"{form}: status {response.status}, not of {sorted(allowed)}")
    if response.status == 200:
        fixture.require(fixture.is_module(response.body), f"{form}: wrong bytes")
    elif response.status == 206:
        span, _, total = response.fields.get("content-range", "").removeprefix("bytes ").partition("/")
        first, _, last = span.partition("-")
        is_right = first.isdigit() and last.isdigit() and int(total) == len(fixture.module.content)
        is_right = is_right and response.body == fixture.module.content[int(first) : int(last) + 1]
        fixture.require(is_right, f"{form}: wrong part {span}")
