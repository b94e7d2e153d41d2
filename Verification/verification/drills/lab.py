# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Replicas in network namespaces of their own, on one bridge, with a name server that a row controls."""

import os
import shutil
import signal
import time
from contextlib import ExitStack
from pathlib import Path

from verification.clients import http1
from verification.clients.tls import Authority, Pair
from verification.drills.campaign import DRAIN
from verification.drills.wire import Wire
from verification.fixture import Fixture
from verification.programs import output_of, run, uninterrupted
from verification.server.dns import NameServer
from verification.server.process import WasmServer
from verification.sources.module import Module

PORT, TLS_PORT, OPERATIONS = 8082, 8443, 9082
NAME = "peers.lab"
PREFIXES = {"IPv4": ("10.213.0.", "/24"), "IPv6": ("fd00:213::", "/64")}
GATEWAY = 254
LIMIT = 10.0
NEEDS = "network namespaces need root and ip(8)"


def is_possible() -> bool:
    """Whether this process may make namespaces."""
    return os.geteuid() == 0 and shutil.which("ip") is not None and run("ip", "netns", "list").returncode == 0


class LabReplica(WasmServer):
    """A replica of a Deployment in the lab, which the name leads to from its start to the beginning of its end."""

    names: NameServer

    def request_stop(self) -> None:
        self.names.addresses = [address for address in self.names.addresses if address != self.host]
        super().request_stop()


class Lab:
    """A bridge on which this process has an address, and replicas beside it; leaving its `with` block removes all."""

    def __init__(self, fixture: Fixture, family: str, is_secure: bool, delay: float = 0.0, loss: float = 0.0) -> None:
        self._fixture = fixture
        self._delay, self._loss = delay, loss  # of each cable: from one replica to another there are two
        self._prefix, self._length = PREFIXES[family]
        self._bridge = f"wsl{os.getpid()}"[:12]
        self._servers: dict[int, WasmServer] = {}
        self._namespaces: list[int] = []
        self._folder = fixture.work / f"{family}-{is_secure}"
        self._flags = self._mutual_tls() if is_secure else []
        self._stack = ExitStack()
        self.names = NameServer(self.address(GATEWAY))

    def address(self, number: int) -> str:
        return f"{self._prefix}{number}"

    def start(self, number: int, module: Module) -> WasmServer:
        """Starts a replica that has the others for peers, and waits until it is ready."""
        return self._server(WasmServer, number, module.write(self._source(number)), "--drain-delay", "0").await_ready()

    def replica(self, source: Path, address: str) -> LabReplica:
        """Starts a replica of a Deployment."""
        server = self._server(LabReplica, int(address.removeprefix(self._prefix)), source, *DRAIN)
        server.names = self.names
        self.names.addresses = [*self.names.addresses, address]
        return server

    def _server(self, kind: type[WasmServer], number: int, source: Path, *flags: str) -> WasmServer:
        self.add(number)
        server = kind(
            self._fixture.binary,
            [source],
            *("--peers", NAME, *flags, *self._flags),
            host=self.address(number),
            ports=(PORT, OPERATIONS),
            wrapper=("ip", "netns", "exec", self._link(number)),
        )
        self._servers[number] = server
        return server

    def replace(self, number: int, module: Module) -> None:
        """Has a replica serve another version; returns once it announces that."""
        module.replace(self._source(number))
        announced = (200, f"{module.digest}\n".encode())
        self._fixture.await_until(
            lambda: self.get(number, "/plugin.wasm.sha256") == announced, 20.0, "a version was not taken over"
        )

    def announce_unseen(self, number: int, module: Module) -> None:
        """Has a replica that is cut off serve another version; returns once it says so in its log."""
        module.replace(self._source(number))
        late = "a version was not taken over by a replica that is cut off"
        self._fixture.await_until(lambda: self._servers[number].has_said(module.digest), 20.0, late)

    def get(self, number: int, target: str) -> tuple[int, bytes]:
        """The status, 0 for none, and the content."""
        try:
            response = http1.get(PORT, target, host=self.address(number), limit=LIMIT)
        except OSError:
            response = None
        return (response.status, response.body) if response else (0, b"")

    def tries(self, number: int, module: Module, most: int = 5) -> list[int]:
        """The statuses of fetches by digest, a second apart, until one has the module."""
        statuses = []
        while len(statuses) < most:
            status, body = self.get(number, module.path)
            statuses.append(status)
            if status == 200:
                self._fixture.require(body == module.content, "other bytes were served")
                break
            time.sleep(1)
        return statuses

    def hang(self, number: int, hangs: bool) -> None:
        """Has a replica hang, or go on."""
        self._servers[number].process.send_signal(signal.SIGSTOP if hangs else signal.SIGCONT)

    def kill(self, number: int) -> None:
        self._servers[number].kill()

    def connect(self, number: int, is_up: bool) -> None:
        """Cuts a replica off, or ends that."""
        _ip("link", "set", self._link(number), "up" if is_up else "down")

    def add(self, number: int) -> None:
        """Makes a replica's namespace, if there is none yet."""
        if number in self._namespaces:
            return
        link = space = self._link(number)
        self._namespaces.append(number)
        _ip("netns", "add", space)
        folder = Path("/etc/netns") / space
        folder.mkdir(parents=True)
        (folder / "resolv.conf").write_text(f"nameserver {self.address(GATEWAY)}\noptions timeout:1 attempts:3\n")
        self._plug(link, space, f"{self._bridge}i{number}")
        _ip("link", "set", link, "master", self._bridge, "up")
        for words in (["link", "set", "lo", "up"], self._address_of(number, "eth0"), ["link", "set", "eth0", "up"]):
            _ip("-netns", space, *words)

    def add_addresses(self, number: int, family: str) -> None:
        """Gives a replica an address of another family, and a way to all that would be beside it."""
        prefix, length = PREFIXES[family]
        _ip("-netns", self._link(number), *_address(f"{prefix}{number}{length}", "eth0"))

    def _plug(self, link: str, space: str, inside: str) -> None:
        """A cable from the bridge into a namespace."""
        if not self._delay and not self._loss:
            _ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", space)
            return
        self._stack.enter_context(Wire((link, inside), self._delay, self._loss))
        _ip("link", "set", inside, "netns", space, "name", "eth0")

    def _mutual_tls(self) -> list[str]:
        """What replicas are told that ask each other over TLS, with a certificate that is valid for the Service's name only."""
        authority = Authority.at(self._folder / "authority")
        pair = Pair.written(authority.issue(NAME), self._folder / "tls")
        return pair.flags(TLS_PORT, client_ca=authority.bundle, allowed_client=NAME)

    def _source(self, number: int) -> Path:
        return self._folder / str(number) / "plugin.wasm"

    def _link(self, number: int) -> str:
        """The name of a replica's namespace, and of the link to it."""
        return f"{self._bridge}-{number}"

    def _address_of(self, number: int, link: str) -> list[str]:
        return _address(f"{self.address(number)}{self._length}", link)

    def __enter__(self) -> "Lab":
        with ExitStack() as stack:
            stack.callback(self._remove)
            _ip("link", "add", self._bridge, "type", "bridge")
            _ip(*self._address_of(GATEWAY, self._bridge))
            _ip("link", "set", self._bridge, "up")
            stack.enter_context(self.names)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        with uninterrupted():
            for server in self._servers.values():
                server.kill()
            self._stack.close()

    def _remove(self) -> None:
        for number in self._namespaces:
            # A namespace is removed later, and its links with it: the next lab has links of these names.
            run("ip", "link", "del", self._link(number))
            run("ip", "netns", "del", self._link(number))
            shutil.rmtree(Path("/etc/netns") / self._link(number), ignore_errors=True)
        run("ip", "link", "del", self._bridge)


def _address(address: str, link: str) -> list[str]:
    return ["addr", "add", address, "dev", link, *(["nodad"] if ":" in address else [])]


def _ip(*words: str) -> None:
    output_of("ip", *words, timeout=LIMIT)
