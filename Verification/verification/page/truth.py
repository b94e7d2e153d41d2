# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Whether views tell what is true: of files, certificates, settings and clients, as others tell it."""

import hashlib
import json
import re
import ssl
import urllib.request
from collections.abc import Iterator

from verification.page.browser import Browser, Tab
from verification.page.states import LATECOMER, STRANDED, State
from verification.programs import output_of
from verification.report import SEPARATOR, Report

DIGEST = re.compile(r"[0-9a-f]{64}")
STATUS = ".status"
ORIGINS = {
    "retain": "settings.yaml",
    "rehash": "--rehash",
    "max-connections": "WASM_SERVER_MAX_CONNECTIONS",
    "drain-timeout": "default",
}
ELSEWHERE = "plugins.internal:8443"


def check(browser: Browser, states: dict[str, State], report: Report) -> None:
    with browser.tab() as tab:
        report.check_none("the first line says whether anything needs attention", _wrong_status(states, tab), SEPARATOR)
        silent = (
            f"{state.name}: {need}" for state in states.values() for need in state.needs if need not in _text(state, "/", tab)
        )
        report.check_none("the first view names what needs attention", silent)
        report.check_none("the catalogue has the digests of the files, and no others", _wrong_digests(states, tab), SEPARATOR)
        report.check_none("a module is told by its digest, size, imports and history", _wrong_facts(states, tab))
        report.check_none("each setting says where it was given", _wrong_origins(states["healthy"], tab))
        report.check_none("each client is told with its state", _wrong_clients(states["behind"], tab))
        report.check_none("a certificate is told with its names, digest and end", _wrong_certificate(states["expiring"], tab))
        hosts = [need for need in states["peerless"].needs if need not in _text(states["peerless"], "/peers", tab)]
        report.check_none("each peer that does not answer is told", hosts)
        report.check_none(
            "each tab shows what the data port serves for that gateway and host", _wrong_tabs(states["healthy"], tab), SEPARATOR
        )
    report.check_none("who does not ask for HTML gets JSON, or what it asks for", _wrong_formats(states["healthy"]), SEPARATOR)


def _text(state: State, view: str, tab: Tab) -> str:
    """What is to be read there, and without white space what was broken into lines."""
    tab.open(state.url(view))
    return tab.page.locator("body").inner_text()


def _wrong_status(states: dict[str, State], tab: Tab) -> Iterator[str]:
    """Its first sentence is the same wherever nothing does, and another where something does; then it counts the modules."""
    told = {}
    for state in states.values():
        tab.open(state.url("/"))
        told[state.name] = tab.page.locator(STATUS).first.inner_text().strip()
    calm = {told[name].partition(".")[0] for name in ("healthy", "unfetched", "crowded", "visited")}
    if len(calm) != 1:
        yield f"states in which all is well are told as {calm}"
    for state in states.values():
        if state.needs and told[state.name].partition(".")[0] in calm:
            yield f"{state.name} is told as {told[state.name]}"
        if not re.search(rf"\b{len(state.modules)} modules?\b", told[state.name]):
            yield f"{state.name}, with {len(state.modules)} modules, is told as {told[state.name]}"


def _wrong_digests(states: dict[str, State], tab: Tab) -> Iterator[str]:
    for name in ("healthy", "unfetched", "behind", "peerless"):
        state = states[name]
        told, true = set(DIGEST.findall(_text(state, "/", tab))), state.digests
        if told != true:
            yield f"{name}: {sorted(told)}, not {sorted(true)}"


def _wrong_facts(states: dict[str, State], tab: Tab) -> Iterator[str]:
    """What its file says of a module, and both versions of one that has changed."""
    state = states["healthy"]
    module = state.modules["/plugin.wasm"]
    text = _text(state, "/modules/plugin.wasm", tab)
    for fact in (module.digest, module.path, f"{len(module.content)} bytes", "proxy_add_header_map_value", "plugin.wasm"):
        if fact not in text.replace(",", ""):
            yield f"{fact} is not there"
    state = states["behind"]
    yield from (
        f"{digest} is not there" for digest in state.digests - set(DIGEST.findall(_text(state, "/modules/plugin.wasm", tab)))
    )


def _wrong_origins(state: State, tab: Tab) -> Iterator[str]:
    tab.open(state.url("/settings"))
    for name, origin in ORIGINS.items():
        rows = [row.inner_text() for row in tab.page.locator("tr").all() if re.search(rf"(^|[\s-]){name}\b", row.inner_text())]
        if not any(origin in row for row in rows):
            yield f"{name} is not told as from {origin}: {rows}"


def _wrong_clients(state: State, tab: Tab) -> Iterator[str]:
    tab.open(state.url("/fleet"))
    for client, name in ((LATECOMER, "behind"), (STRANDED, "failed")):
        row = tab.page.locator("tr", has_text=client)
        if not row.count() or name not in row.first.inner_text().lower():
            yield f"{client} is not told as {name}"


def _wrong_certificate(state: State, tab: Tab) -> Iterator[str]:
    text = _text(state, "/certificates", tab)
    file = state.certificate
    der = ssl.PEM_cert_to_DER_cert(file.read_text())
    end = output_of("openssl", "x509", "-noout", "-enddate", "-dateopt", "iso_8601", "-in", file).strip().removeprefix("notAfter=")
    for fact in ("localhost", hashlib.sha256(der).hexdigest(), end[:10]):
        if fact not in text:
            yield f"{fact} is not there"


def _wrong_tabs(state: State, tab: Tab) -> Iterator[str]:
    for gateway in state.server.listing()["gateways"]:
        url = f"http://{state.server.host}:{state.server.port}/modules/plugin.wasm/{gateway}.yaml"
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Host": ELSEWHERE})) as answer:
            true = answer.read().decode().strip()
        tab.open(state.url(f"/modules/plugin.wasm?gateway={gateway}&host={ELSEWHERE}"))
        if true not in [each.strip() for each in tab.page.locator("pre").all_inner_texts()]:
            yield f"{gateway}: not {true[:60]!r} …"


def _wrong_formats(state: State) -> Iterator[str]:
    for view in state.views:
        mark = "&" if "?" in view else "?"
        for more, fields, kind in (
            ("", ("Accept: */*",), "application/json"),
            ("", ("Accept: text/html,application/xhtml+xml,*/*;q=0.8",), "text/html"),
            (f"{mark}format=json", ("Accept: text/html",), "application/json"),
            (f"{mark}format=html", ("Accept: */*",), "text/html"),
        ):
            answer = state.ask(view + more, *fields)
            found = answer.fields.get("content-type", "")
            if answer.status != 200 or not found.startswith(kind):
                yield f"{view + more} with {fields[0]} gets {answer.status} {found}"
            elif kind == "application/json":
                json.loads(answer.body)
