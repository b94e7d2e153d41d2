# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 14, paths that try to leave the served names."""

import random
import re
from collections import Counter
from contextlib import suppress

from verification.attacks.fixture import AttackFixture, row
from verification.clients import http1, sockets
from verification.clients.sessions import get_over_http2
from verification.sources.module import SMALLEST

SECRET = b"outside-of-every-module"
PATHS = 1_000_000
BATCH = 500
SEED = 14
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
UPS = ["..", "%2e%2e", "%2E.", "%252e%252e", "..%00", "..;", "%c0%ae%c0%ae", "%e0%80%ae%e0%80%ae", "....", "%uff0e%uff0e", ".%00."]
SLASHES = ["/", "//", "\\", "%2f", "%252f", "%5c", "%c0%af", "/./", "%e2%88%95", "/%20/"]
TARGETS = ["secret.wasm", "etc/passwd", "proc/self/environ", "modules/plugin.wasm", "plugin.wasm"]
# fmt: off
VARIANTS = [
    "/PLUGIN.WASM", "/Plugin.wasm", "/plugin.wasm/", "/plugin.wasm/.", "/plugin.wasm%00",
    "/plugin.wasm%00.txt", "/plugin.wasm.", "/plugin.wasm%20", "/plugin.wasm::$DATA",
    "/plugin.wasm;a=b", "/plugin.wasm~", "/plugin.wasm.sha256.sha256", "//plugin.wasm",
    "/./plugin.wasm", "/sub/../plugin.wasm", "/plugin%2ewasm%2f", "/plugin.wasm%2f..",
    "/%2fplugin.wasm", "/\\plugin.wasm", "/.hidden.wasm", "/..data/plugin.wasm", "/modules/",
    "/modules/plugin.wasm", "/secret.txt", "/sha256/", "/sha256/..", "*", "plugin.wasm",
    "file:///etc/passwd", "http://other/../etc/passwd", "/?/../secret.wasm", "/#/../secret.wasm",
    "/%", "/%2", "/%zz", "/%%32%65", "/plugin.wasm%0d%0aX:%20a", "/plugin.wasm\xff",
    "/plugin.wasm%ff", "/plugin.wasm%EF%BB%BF", "/plugin%E2%80%8B.wasm", "/plügin.wasm",
]
ALPHABET = [
    "/", ".", "..", "%2e", "%2f", "%5c", "\\", "%00", "%", ";", "~", "a", "plugin", ".wasm",
    ".sha256", "sha256", "modules", "secret", "etc/passwd", "%c0%ae", "%25", "+", "&", "=", ":",
    "@", "PLUGIN", "%7f", "%80", "%e2%80%ae",
]
# fmt: on


@row(14, "Traversal", "no 200 but for served names; 0 bytes from outside")
def attack(fixture: AttackFixture) -> None:
    (fixture.work / "secret.wasm").write_bytes(SMALLEST + SECRET)
    paths = {path for module in fixture.server.modules() for path in (module["path"], module["digestPath"])}
    served = paths | {f"{path}.sha256" for path in paths} | {"/health", "/modules"}
    listed = _listed()
    for target in listed:
        _judge_one(fixture, target, served)
    count = PATHS // 50 if fixture.quick else PATHS
    found, leaked, statuses = _fuzz(fixture.port, count, served)
    fixture.report(f"{len(listed)} listed paths on h1 and h2, {count:,} random ones: statuses {statuses}")
    fixture.require(not found, f"200 for {found[:3]}")
    fixture.require(not leaked, "bytes from outside")


def _listed() -> list[str]:
    climbs = [f"{s}{(up + s) * depth}{t}" for up in UPS for s in SLASHES for depth in (1, 3, 12) for t in TARGETS]
    # What does not begin with a slash is tried with one, too.
    return VARIANTS + [path if path.startswith("/") else f"/{path}" for path in climbs]


def _judge_one(fixture: AttackFixture, target: str, served: set[str]) -> None:
    request = f"GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()
    answer = http1.exchange(fixture.port, request, quiet=2.0)
    path = target.partition("?")[0].partition("#")[0]
    is_served = path in served
    fixture.require(len(answer.responses) == 1, f"{target!r}: {answer.statuses}")
    fixture.require(is_served or 200 not in answer.statuses, f"200 for {target!r}")
    fixture.require(all(SECRET not in response.body for response in answer.responses), f"{target!r}: bytes from outside")
    if target.isascii() and target.isprintable():
        second = get_over_http2(fixture.port, target)
        fixture.require(second is None or is_served or second.status != 200, f"h2: 200 for {target!r}")


def _fuzz(port: int, count: int, served: set[str]) -> tuple[list[str], bool, dict[int, int]]:
    """Random paths, pipelined; a connection that ends is followed by another, from the path after the last answered."""
    noise = random.Random(SEED)
    found, leaked, statuses, pending = [], False, Counter(), []
    while count or pending:
        fresh = min(BATCH - len(pending), count)
        count -= fresh
        pending += ["/" + "".join(noise.choices(ALPHABET, k=noise.randint(1, 12))) for _ in range(fresh)]
        answers, content = _batch(port, pending)
        leaked = leaked or SECRET in content
        for path, status in zip(pending, answers, strict=False):
            statuses[status] += 1
            if status == 200 and path.partition("?")[0] not in served:
                found.append(path)
        pending = pending[max(1, len(answers)) :]
    return found, leaked, dict(sorted(statuses.items()))


def _batch(port: int, paths: list[str]) -> tuple[list[int], bytes]:
    requests = b"".join(http1.request(path) for path in paths[:-1]) + http1.request(paths[-1], closes=True)
    with sockets.connect(port) as end:
        with suppress(ConnectionError):
            end.sendall(requests)
        content, _ = sockets.read_until_quiet(end, 2.0)
    return [int(status) for status in STATUS.findall(content)], content
