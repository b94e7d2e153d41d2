# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Rows 25 and 39, clocks that are wrong, and files with dates that no person has lived in."""

import os
import time

from verification.attacks.fixture import AttackFixture, row
from verification.clients.http1 import Response, status_of
from verification.programs import VerificationError
from verification.server.process import WasmServer
from verification.sources.module import Module
from verification.sources.volume import File, Volume

YEAR = 31_556_952
DATES = {"0": 0, "1": 1, "before 1970": -10 * YEAR, "year 2100": 4_102_444_800, "next hour": time.time() + 3600}
CLOCKS = ["-10y", "+10y", "+80y", "-50y"]
PAST_AND_FUTURE = ["Thu, 01 Jan 1970 00:00:00 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"]
SMALL = 50_000
TAKEN = 10.0
TIMES = {
    "1717": -253 * YEAR,
    "1600": -370 * YEAR,
    "the first": -(1 << 63),
    "1969": -1,
    "2263": 293 * YEAR,
    "9999": 8029 * YEAR,
    "the last": (1 << 63) - 1,
}


@row(25, "Clock", "same ETag; no 304 for changed bytes")
def misdate(fixture: AttackFixture) -> None:
    etags = set()
    for clock in CLOCKS:
        etags.add(_visit(fixture, f"clock {clock}", None, ("faketime", "-f", clock)))
    for name, modified in DATES.items():
        etags.add(_visit(fixture, f"mtime {name}", modified))
    fixture.report(f"{len(CLOCKS)} clocks, {len(DATES)} dates of files: {len(etags)} ETag")
    fixture.require(len(etags) == 1, f"ETags: {etags}")


def _visit(fixture: AttackFixture, form: str, modified: float | None, wrapper: tuple[str, ...] = ()) -> str | None:
    """Serves a version, then changed bytes with the same date; nothing remembered of the first may give a 304."""
    old = _serve(fixture, form, fixture.module, modified, wrapper, [])
    if old is None:
        return None
    dates = [*PAST_AND_FUTURE, old["date"], *([old["last-modified"]] if "last-modified" in old else [])]
    conditions = [[f"If-None-Match: {old['etag']}"], [f"If-None-Match: {old['etag']}", f"If-Modified-Since: {old['date']}"]]
    conditions += [[f"If-Modified-Since: {date}"] for date in dates]
    _serve(fixture, form, Module.of(2), modified, wrapper, conditions)
    return old["etag"]


def _serve(
    fixture: AttackFixture, form: str, module: Module, modified: float | None, wrapper: tuple[str, ...], conditions: list[list[str]]
) -> dict[str, str] | None:
    file = module.write(fixture.work / form.replace(" ", "-") / "plugin.wasm")
    if modified is not None:
        os.utime(file, (modified, modified))
    try:
        with WasmServer(fixture.binary, [file.parent], wrapper=wrapper) as server:
            whole = server.get("/plugin.wasm")
            if not fixture.require(status_of(whole) == 200, f"{form}: not served"):
                return None
            fixture.require(whole.body == module.content, f"{form}: wrong bytes")
            if wrapper:
                _require_other_year(fixture, form, whole.fields["date"])
            _require_past(fixture, form, server.by_digest(module.digest))
            for fields in conditions:
                status = server.status("/plugin.wasm", *fields)
                fixture.require(status == 200, f"{form}: {status} for changed bytes with {fields!r}")
            return whole.fields
    except VerificationError as error:
        fixture.require(False, f"{form}: {error}")
        return None


def _require_other_year(fixture: AttackFixture, form: str, date: str) -> None:
    """Otherwise faketime had no effect and the row says nothing."""
    is_other = int(date.split()[3]) != time.gmtime().tm_year
    fixture.require(is_other, f"{form}: faketime had no effect, the date is {date}")


def _require_past(fixture: AttackFixture, form: str, response: Response | None) -> None:
    if response is None or "last-modified" not in response.fields:
        return
    told, now = (time.strptime(response.fields[name], "%a, %d %b %Y %H:%M:%S GMT") for name in ("last-modified", "date"))
    fixture.require(told <= now, f"{form}: Last-Modified {response.fields['last-modified']} is in the future")


@row(39, "File times", "served, and changes taken, at any time")
def date_files(fixture: AttackFixture) -> None:
    """Times as any file system may give them."""
    held = []
    for name, modified in TIMES.items():
        old, new = Module.of(2, SMALL), Module.of(3, SMALL)
        with (
            Volume(fixture.work / name.replace(" ", "-"), {"plugin.wasm": File(old.content, modified)}) as volume,
            WasmServer(fixture.binary, [volume.root]) as server,
        ):
            _require_served(fixture, server, name, old)
            volume.put("plugin.wasm", File(new.content, modified))
            taken = fixture.await_announced(server, "/plugin.wasm", new, TAKEN)
            _require_served(fixture, server, name, new)
            is_held = fixture.require(taken is not None and server.is_running, f"{name}: a change is not taken")
            held += [name] if is_held else []
    fixture.report(f"{len(held)} of {len(TIMES)} times: {', '.join(held)}")


def _require_served(fixture: AttackFixture, server: WasmServer, name: str, module: Module) -> None:
    for path in ("/plugin.wasm", module.path):
        fixture.require(server.serves(path, module.content), f"{name}: {path} is not served")
