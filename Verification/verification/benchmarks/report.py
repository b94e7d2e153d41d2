# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The table that is printed."""

from statistics import median

from verification.benchmarks.case import Target
from verification.benchmarks.contestants import CADDY, FLOOR, GO, NAMES, NGINX, OURS
from verification.benchmarks.load import CONNECTIONS
from verification.benchmarks.row import FAMILIES, Ratio, Row
from verification.report import aligned, markdown

DELAYED_ACKNOWLEDGEMENT = 0.038  # seconds; on Linux 40 ms, and clocks differ a little


def legend(versions: dict[str, str]) -> str:
    lines = [
        "Less is better. µs: CPU time of all of a server's processes for a request, median of the rounds. each: a connection each.",
        "Ours writes its access log; the others write none. *: the cheapest of its kind. /nginx, /Go, /floor: our share of what",
        f"the cheapest takes, median of rounds. {_nginx(versions, 'debian')} of Debian, {_nginx(versions, 'pypi')} of PyPI, with",
        f"sendfile and with large buffers; Go {versions[GO]}; Caddy {versions[CADDY]}; floor: a bare loop in C, with send buffers",
        "as the kernel has them, or of 256 KiB.",
    ]
    return "\n".join(lines) + "\n"


def table(rows: list[Row], versions: dict[str, str]) -> str:
    names = {name: f"{_minor(versions[f'nginx-{of}'])} {way.removesuffix('file')}" for name, (of, way) in NGINX.items()}
    names |= {GO: "Go", CADDY: "Caddy"} | {name: name.replace("-", " ") for name in FLOOR}
    comparisons = ["/nginx", "must", "aim", "", "/Go", "must", "aim", "", "/floor"]
    return aligned(["", "ours", *(names[name] for name in NAMES[1:]), *comparisons], [_cells(row) for row in rows])


def page_table(rows: list[Row], versions: dict[str, str]) -> str:
    """The table in Markdown, shorter: the cheapest nginx and floor only."""
    peers = ["cheapest nginx", f"Go {versions[GO]}", f"Caddy {versions[CADDY]}", "floor"]
    return markdown([["", "ours", *peers, "to nginx", "to Go", "to floor"], *(_page_cells(row, versions) for row in rows)])


def _page_cells(row: Row, versions: dict[str, str]) -> list[str]:
    title = row.title.replace(", each", ", a connection each")
    nginx = _amount(row, name := row.cheapest("nginx"))
    if name:
        of, way = NGINX[name]
        nginx += f" ({_minor(versions[f'nginx-{of}'])} {way})"
    others = (_amount(row, name) for name in (GO, CADDY, row.cheapest("floor")))
    ratios = (_spread(row.ratio(family)) for family in FAMILIES)
    return [f"{title}, {row.unit}" if row.unit else title, _amount(row, OURS), nginx, *others, *ratios]


def _amount(row: Row, name: str | None) -> str:
    value = row.median(name) if name else None
    return "–" if value is None else _figure(value)


def _spread(ratio: Ratio | None) -> str:
    if ratio is None:
        return "–"
    return f"{ratio.median:.2f}" + (f" ({ratio.least:.2f}–{ratio.greatest:.2f})" if ratio.least < ratio.greatest else "")


def _nginx(versions: dict[str, str], of: str) -> str:
    version = versions[f"nginx-{of}"]
    return f"{_minor(version)}: nginx {version}"


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def notes(rows: list[Row]) -> str:
    """Why there are gaps, and what failed."""
    gaps = {f"–: {name}: {reason}" for row in rows for name, reason in row.more.get("not_measured", {}).items()}
    delayed = [
        f"{row.title}: {name}: {median(rates):.0f} requests a second, each answered after a delayed acknowledgement (40 ms)"
        for row in rows
        for name, rates in row.more.get("requests_per_second", {}).items()
        if row.name.endswith("small") and median(rates) < CONNECTIONS / DELAYED_ACKNOWLEDGEMENT
    ]
    failures = [f"{row.title}: {name}: {reason}" for row in rows for name, reason in row.more.get("reasons", {}).items()]
    return "\n".join([*sorted(gaps), *delayed, *failures])


def _cells(row: Row) -> list[str]:
    cheapest = {row.cheapest(family) for family in FAMILIES if family != "go"}
    figures = []
    for name in NAMES:
        value = row.median(name)
        text = "–" if value is None else _figure(value)
        figures.append(f"{text}{'*' if name in cheapest else ' '}")
    amount = row.amount is not None
    nginx = row.amount if amount else row.targets.get("nginx")
    go = row.targets.get("go")
    return [
        f"{row.title}, {row.unit}" if row.unit else row.title,
        *figures,
        _ratio(row.ratio("nginx")),
        *_target(nginx, f" {row.unit}" if amount else ""),
        row.verdict("amount" if amount else "nginx") or "",
        _ratio(row.ratio("go")),
        *_target(go),
        row.verdict("go") or "",
        _ratio(row.ratio("floor")),
    ]


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 or value == 0 else f"{value:.2f}"


def _ratio(ratio: Ratio | None) -> str:
    return f"{ratio.median:.2f}" if ratio else "–"


def _target(target: Target | None, unit: str = "") -> list[str]:
    return ["" if value is None else f"{value:g}{unit}" for value in (target.must, target.aim)] if target else ["", ""]
