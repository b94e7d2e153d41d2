# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What is written for programs: everything that was measured, as JSON.

    {"machine": {"cores", "kernel", "architecture", "date",    the date as YYYY-MM-DD
                 "congestion_control", "loopback_mtu"},        how and in what packets the kernel sends
     "versions": {"nginx-debian", "nginx-pypi", "go", "caddy", "ours"},
     "bytes": {FILE: SIZE}, "rounds": N, "seconds": of each load,
     "rows": [{"name", "title", "unit",
               "samples": {SERVER: [figure of each round]},
               "medians": {SERVER: figure},
               "cheapest": {"nginx", "go", "floor": SERVER or null},
               "ratios": {"nginx", "go", "floor": {"median", "least", "greatest"} or null},   ours as a share of the cheapest
               "targets": {"nginx", "go", "amount": {"must", "aim", "verdict"}},              those that there are
               … and what a kind of rows has besides: "requests", "requests_per_second", "not_measured", "kib", "reasons"}]}

A server is one of those that `contestants` names.
"""

import datetime
import json
import os
import platform
import re
import socket
from dataclasses import asdict
from pathlib import Path
from typing import Any

from verification.benchmarks.case import Target
from verification.benchmarks.row import FAMILIES, Row
from verification.clients.sockets import LOOPBACK

DIGITS = 4
IP_MTU = 14  # linux/in.h
FIGURES = re.compile(r"\[[-\d.,\s]*\]")
Json = dict[str, "Json"] | list["Json"] | str | float | None


def machine() -> dict[str, str | int]:
    return {
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "architecture": platform.machine(),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "congestion_control": Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip(),
        "loopback_mtu": loopback_mtu(),
    }


def loopback_mtu() -> int:
    """The most bytes of a packet there: ip(7), IP_MTU."""
    with socket.socket(type=socket.SOCK_DGRAM) as end:
        end.connect((LOOPBACK, 1))
        return end.getsockopt(socket.IPPROTO_IP, IP_MTU)


def of_row(row: Row) -> dict[str, Any]:
    targets = {**row.targets, "amount": row.amount}
    return {
        "name": row.name,
        "title": row.title,
        "unit": row.unit,
        "samples": row.samples,
        "medians": {name: row.median(name) for name in row.samples},
        "cheapest": {family: row.cheapest(family) for family in FAMILIES},
        "ratios": {family: asdict(ratio) if (ratio := row.ratio(family)) else None for family in FAMILIES},
        "targets": {of: asdict(target) | {"verdict": row.verdict(of)} for of, target in targets.items() if target},
        **row.more,
    }


def row_of(document: dict[str, Any]) -> Row:
    targets = {of: Target(target["must"], target["aim"]) for of, target in document["targets"].items()}
    amount = targets.pop("amount", None)
    return Row(document["name"], document["title"], document["unit"], document["samples"], targets, amount)


def write(document: dict[str, Any], file: Path) -> None:
    """A list of figures is on one line."""
    text = json.dumps(_rounded(document), indent=1, ensure_ascii=False)
    file.write_text(FIGURES.sub(lambda found: " ".join(found[0].split()), text) + "\n")


def _rounded(value: Json) -> Json:
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, dict):
        return {name: _rounded(of) for name, of in value.items()}
    return [_rounded(of) for of in value] if isinstance(value, list) else value
