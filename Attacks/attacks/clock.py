# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 25, clocks that are wrong, and files with odd dates."""

import hashlib
import os
import time

from harness import http1
from harness.errors import AttackError
from harness.module import Module
from harness.scene import Row, Scene
from harness.server import WasmServer

YEAR = 365 * 24 * 3600
DATES = {"0": 0, "1": 1, "before 1970": -10 * YEAR, "year 2100": 4_102_444_800, "next hour": time.time() + 3600}
CLOCKS = ["-10y", "+10y", "+80y", "-50y"]
PAST_AND_FUTURE = ["Thu, 01 Jan 1970 00:00:00 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"]


def attack(scene: Scene) -> None:
    etags = set()
    for clock in CLOCKS:
        etags.add(_visit(scene, f"clock {clock}", None, ("faketime", "-f", clock)))
    for name, modified in DATES.items():
        etags.add(_visit(scene, f"mtime {name}", modified))
    scene.tell(f"{len(CLOCKS)} clocks, {len(DATES)} dates of files: {len(etags)} ETag")
    scene.require(len(etags) == 1, f"ETags: {etags}")


def _visit(scene: Scene, form: str, modified: float | None, wrapper: tuple[str, ...] = ()) -> str | None:
    """Serves a version, then changed bytes with the same date; nothing remembered of the first may give a 304."""
    root = scene.work / form.replace(" ", "-")
    old = _serve(scene, form, root, scene.module, modified, wrapper, {})
    if old is None:
        return None
    changed = Module.of(2)
    conditions = {
        f"If-None-Match: {old['etag']}": 200,
        f"If-None-Match: {old['etag']}\r\nIf-Modified-Since: {old['date']}": 200,
    }
    dates = [*PAST_AND_FUTURE, old["date"], *([old["last-modified"]] if "last-modified" in old else [])]
    conditions |= {f"If-Modified-Since: {date}": 200 for date in dates}
    _serve(scene, form, root, changed, modified, wrapper, conditions)
    return old["etag"]


def _serve(scene: Scene, form: str, root, module: Module, modified, wrapper, conditions) -> dict[str, str] | None:
    file = module.write(root / "plugin.wasm")
    if modified is not None:
        os.utime(file, (modified, modified))
    try:
        server = WasmServer(scene.binary, [root], wrapper=wrapper).await_ready()
    except AttackError as error:
        scene.require(False, f"{form}: {error}")
        return None
    try:
        whole = http1.get(server.port, "/plugin.wasm")
        by_digest = http1.get(server.port, f"/sha256/{module.digest}.wasm")
        if not scene.require(whole is not None and whole.status == 200, f"{form}: not served"):
            return None
        scene.require(hashlib.sha256(whole.body).hexdigest() == module.digest, f"{form}: wrong bytes")
        if wrapper:
            _require_other_year(scene, form, whole.fields["date"])
        _require_past(scene, form, by_digest)
        for fields, expected in conditions.items():
            response = http1.get(server.port, "/plugin.wasm", *fields.split("\r\n"))
            got = response.status if response else None
            scene.require(got == expected, f"{form}: {got} for changed bytes with {fields!r}")
        return whole.fields
    finally:
        server.kill()


def _require_other_year(scene: Scene, form: str, date: str) -> None:
    """Otherwise faketime had no effect and the row says nothing."""
    scene.require(int(date.split()[3]) != time.gmtime().tm_year, f"{form}: faketime had no effect, the date is {date}")


def _require_past(scene: Scene, form: str, response: http1.Response | None) -> None:
    if response is None or "last-modified" not in response.fields:
        return
    told, now = (
        time.strptime(response.fields[name], "%a, %d %b %Y %H:%M:%S GMT") for name in ("last-modified", "date")
    )
    scene.require(told <= now, f"{form}: Last-Modified {response.fields['last-modified']} is in the future")


ROW = Row(25, "Clock", "same ETag; no 304 for changed bytes", attack)
