# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""States that a server can be in, each made with a real one."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from verification.clients import http1
from verification.clients.http1 import Response
from verification.clients.sockets import LOOPBACK
from verification.programs import VerificationError, output_of
from verification.server.process import WasmServer, free_ports
from verification.sources.module import UNKNOWN, Module, put
from verification.threads import seconds_until

LIMIT = 20.0  # seconds until a server has noticed
SIZE = 40_000
MANY_MODULES, MANY_CLIENTS = 150, 300
GATEWAY, LATECOMER, STRANDED = "10.1.0.1", "10.1.0.2", "10.1.0.3"
PROXY = ("--trusted-proxies", LOOPBACK)
NOT_WASM = b"<!doctype html><title>404 Not Found</title>"
# What a browser would run, what a terminal would, and what turns text around.
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'\x1b[31m\u202etxt"
PEER, GONE, NEVER = "127.88.1.2", "127.88.1.3", "127.88.1.4"
# What `openssl ca` needs to say since when a certificate is valid.
AUTHORITY = """
[ca]
default_ca = own
[own]
database = {folder}/index
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = extensions
[any]
commonName = supplied
[extensions]
subjectAltName = DNS:localhost
"""
VIEWS = ("/", "/fleet", "/peers", "/certificates", "/settings")


@dataclass
class State:
    """A server, its files, and what its first view must name as it needs attention."""

    name: str
    server: WasmServer
    modules: dict[str, Module]
    digests: set[str]
    certificate: Path
    needs: list[str] = field(default_factory=list)
    more: list[str] = field(default_factory=list)

    @property
    def views(self) -> list[str]:
        """The paths of what can be looked at, each kind once."""
        some = [f"/modules{path}" for path in list(self.modules)[:1]]
        return [*VIEWS, *some, *self.more]

    def url(self, view: str, host: str = LOOPBACK) -> str:
        return f"http://{host}:{self.server.ports['operations']}{view}"

    def ask(self, view: str, *fields: str) -> Response:
        """What the port answers to a browser, or to whoever sends other fields; a place in a view is not asked for."""
        answer = http1.get(
            self.server.ports["operations"], view.partition("#")[0], *(fields or ("Accept: text/html",)), host=LOOPBACK
        )
        if answer is None:
            raise VerificationError(f"{self.name}: no answer to {view}")
        return answer


class Builder:
    """Starts the server of one state, and does to it what makes the state."""

    def __init__(self, stack: ExitStack, binary: Path, work: Path) -> None:
        self.stack, self.binary, self.work = stack, binary, work
        self.folder = work / "modules"
        self.modules: dict[str, Module] = {}
        self.digests: set[str] = set()  # also of what was replaced, and is kept

    def write(self, *names: str, seed: int = 1, size: int = SIZE) -> None:
        for number, name in enumerate(names):
            module = Module.plugin(seed + number, size)
            module.replace(self.folder / name)
            self.modules[f"/{name}"] = module
            self.digests.add(module.digest)

    def start(self, *flags: str, **more: object) -> WasmServer:
        self.server = self.stack.enter_context(WasmServer(self.binary, [self.folder], "--drain-delay", "0", *PROXY, *flags, **more))
        return self.server

    def fetch(self, path: str, client: str = GATEWAY, *fields: str) -> None:
        """As Envoy does, from an address that a proxy tells."""
        self.server.get(path, f"X-Forwarded-For: {client}", *fields, source=LOOPBACK)

    def await_until(self, condition: Callable[[], object], what: str) -> None:
        if seconds_until(condition, LIMIT) is None:
            raise VerificationError(f"{what} within {LIMIT:.0f} s{self.server.log_tail()}")

    def certificate(self, *, days: int, subject: str = "/CN=localhost") -> list[str]:
        """A certificate that ends in so many days, as flags of a port for TLS."""
        files = {"certificate": self.work / "tls.crt", "key": self.work / "tls.key"}
        output_of(
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-days", days, "-subj", subject, "-addext", "subjectAltName=DNS:localhost", "-utf8"),
            *("-out", files["certificate"], "-keyout", files["key"]),
        )
        return self._flags(files)

    def late_certificate(self, *, age: int, days: int) -> list[str]:
        """A certificate that is so many days old, and ends in so many, as flags of a port for TLS."""
        files = {"certificate": self.work / "tls.crt", "key": self.work / "tls.key"}
        request, configuration = self.work / "tls.csr", self.work / "ca.cnf"
        configuration.write_text(AUTHORITY.format(folder=self.work))
        (self.work / "index").touch()
        output_of(
            *("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost"),
            *("-out", request, "-keyout", files["key"]),
        )
        now = datetime.now(UTC)
        begin, end = (f"{now + timedelta(days=each):%Y%m%d%H%M%SZ}" for each in (-age, days))
        output_of(
            *("openssl", "ca", "-batch", "-notext", "-selfsign", "-config", configuration, "-keyfile", files["key"]),
            *("-startdate", begin, "-enddate", end, "-in", request, "-out", files["certificate"]),
        )
        return self._flags(files)

    @staticmethod
    def _flags(files: dict[str, Path]) -> list[str]:
        return ["--tls-port", "0", *(word for name, file in files.items() for word in (f"--tls-{name}", str(file)))]

    def state(self, name: str, *needs: str, more: tuple[str, ...] = ()) -> State:
        return State(name, self.server, self.modules, self.digests, self.work / "tls.crt", list(needs), list(more))


def healthy(make: Builder) -> State:
    """Two modules, which a gateway has; settings from a flag, a variable, a file, and nowhere."""
    make.write("filters/auth.wasm", "plugin.wasm")
    file = make.work / "settings.yaml"
    file.write_text("retain: 2h\n")
    make.start("--rehash", "5m", "--config", str(file), wrapper=("env", "WASM_SERVER_MAX_CONNECTIONS=99"))
    for path, module in make.modules.items():
        make.fetch(path)
        make.fetch(module.path)
    module = make.modules["/plugin.wasm"]
    gateways = make.server.listing()["gateways"]
    tabs = [f"/modules/plugin.wasm?gateway={gateway}&host=plugins.internal:8443" for gateway in gateways]
    return make.state("healthy", more=(f"/modules{module.path}", *tabs))


def unfetched(make: Builder) -> State:
    """Nobody has ever come."""
    make.write("plugin.wasm")
    make.start()
    return make.state("unfetched")


def rejected(make: Builder) -> State:
    """A file that is no WebAssembly came later, beside a good one, and another took the place of a good one."""
    make.write("good.wasm", "was-good.wasm")
    make.start()
    put(make.folder / "broken.wasm", NOT_WASM)
    put(make.folder / "was-good.wasm", NOT_WASM)
    make.await_until(lambda: make.server.rejected == 2, "files that are no modules were not rejected")
    return make.state("rejected", "broken.wasm", "was-good.wasm", more=("/modules/broken.wasm", "/modules/was-good.wasm"))


def behind(make: Builder) -> State:
    """One gateway still asks for the version before, another for what nobody has."""
    make.write("plugin.wasm")
    server = make.start()
    old = make.modules["/plugin.wasm"]
    for client in (GATEWAY, LATECOMER):
        make.fetch(old.path, client)
    make.write("plugin.wasm", seed=2)
    new = make.modules["/plugin.wasm"]
    make.await_until(lambda: server.announced() == new.digest, "the new version was not served")
    # Whoever comes in the second of the change may have come before it.
    make.await_until(lambda: all(server.fleet()["time"] > each["since"] for each in server.fleet()["modules"]), "no next second")
    make.fetch(old.path, LATECOMER)
    make.fetch(UNKNOWN, STRANDED)
    make.fetch("/missing.wasm", STRANDED)
    found = {LATECOMER: "behind", STRANDED: "failed", GATEWAY: "missing"}
    make.await_until(lambda: {each["client"]: each["state"] for each in server.fleet()["clients"]} == found, "nobody was behind")
    return make.state("behind", "1 behind", "1 failed", more=(f"/modules{old.path}",))


def expiring(make: Builder) -> State:
    """The certificate ends in three days."""
    make.write("plugin.wasm")
    make.start(*make.late_certificate(age=87, days=3))
    return make.state("expiring", "tls.crt")


def unloadable(make: Builder) -> State:
    """What replaced the certificate is none."""
    make.write("plugin.wasm")
    server = make.start(*make.certificate(days=90))
    put(make.work / "tls.crt", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    make.await_until(lambda: "tls.crt" in server.operations("/readyz?verbose"), "the certificate was not missed")
    return make.state("unloadable", "tls.crt")


def peerless(make: Builder) -> State:
    """Of three peers one answers, one did until it was killed, and one has never been there."""
    make.write("plugin.wasm")
    hosts = (LOOPBACK, PEER, GONE, NEVER)
    ports = tuple(free_ports(2, hosts))
    peers = [word for host in hosts for word in ("--peers", f"{host}:{ports[0]}")]
    _, gone, server = (make.start(*peers, host=host, ports=ports) for host in (PEER, GONE, LOOPBACK))

    def silent() -> int:
        return sum("failure" in each for each in server.fleet()["replicas"])

    make.await_until(lambda: silent() == 1, "one peer was not missed")
    gone.kill()
    make.await_until(lambda: silent() == 2, "a peer that is gone was not missed")
    return make.state("peerless", GONE, NEVER)


def crowded(make: Builder) -> State:
    """More modules than one table shows."""
    make.write(*(f"plugin-{number:03}.wasm" for number in range(MANY_MODULES)), size=100)
    make.start()
    return make.state("crowded", more=("/?page=2",))


def visited(make: Builder) -> State:
    """More clients than one table shows."""
    make.write("plugin.wasm")
    server = make.start()
    for number in range(MANY_CLIENTS):
        make.fetch("/plugin.wasm", f"10.2.{number // 100}.{number % 100 + 1}")
    make.await_until(lambda: len(server.fleet()["clients"]) == MANY_CLIENTS, "clients were not remembered")
    return make.state("visited", more=("/fleet?page=2",))


def hostile(make: Builder) -> State:
    """Names of files, of clients and in certificates that would do harm if they were not text."""
    make.write("plugin.wasm")
    name = "".join(letter for letter in HOSTILE if letter not in "/\x1b") + ".wasm"
    put(make.folder / name, NOT_WASM)
    server = make.start(*make.certificate(days=90, subject="/CN=" + HOSTILE.replace("/", "\\/").replace("\x1b", "")))
    for agent in (HOSTILE, HOSTILE.replace("\x1b", "")):
        make.fetch("/plugin.wasm", "10.3.0.1", f"User-Agent: {agent.encode().decode('latin-1')}")
        make.fetch(UNKNOWN, "10.3.0.2", f"User-Agent: {agent.encode().decode('latin-1')}")
    make.await_until(lambda: len(server.fleet()["clients"]) == 2, "clients were not remembered")
    return make.state("hostile")


BUILDERS = (healthy, unfetched, rejected, behind, expiring, unloadable, peerless, crowded, visited, hostile)


@contextmanager
def started(binary: Path, work: Path) -> Iterator[dict[str, State]]:
    """All of them by their names, made at the same time."""
    with ExitStack() as stack, ThreadPoolExecutor(len(BUILDERS)) as pool:
        makers = []
        for build in BUILDERS:
            (work / build.__name__).mkdir()
            makers.append(pool.submit(build, Builder(stack, binary, work / build.__name__)))
        yield {state.name: state for state in (maker.result() for maker in makers)}
