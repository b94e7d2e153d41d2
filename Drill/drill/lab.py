# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Replicas in network namespaces of their own, on one bridge, with a name server that a row controls."""

import http.client
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from drill.dns import NameServer
from drill.pods import PROBE_LIMIT, Pod
from drill.wire import Wire
from harness import probes
from harness.errors import AttackError
from harness.module import Module
from harness.scene import Stage
from harness.server import WasmServer
from harness.tls import Authority, write_pair

PORT, TLS_PORT, OPERATIONS = 8082, 8443, 9082
NAME = "peers.lab"
PREFIXES = {"IPv4": ("10.213.0.", "/24"), "IPv6": ("fd00:213::", "/64")}
GATEWAY = 254
LIMIT = 10.0
DRAIN = ["--drain-delay", "3s", "--drain-timeout", "30s"]  # endpoints are known everywhere after a second


def is_possible() -> bool:
    """Whether this process may make namespaces."""
    return os.geteuid() == 0 and shutil.which("ip") is not None and not _fails("ip", "netns", "list")


class Lab:
    """A bridge on which this process has an address, and replicas beside it; leaving its `with` block removes all."""

    def __init__(self, stage: Stage, family: str, is_secure: bool, delay: float = 0.0, loss: float = 0.0) -> None:
        self._stage = stage
        self._delay, self._loss = delay, loss  # of each cable: from one replica to another there are two
        self._wires: list[Wire] = []
        self._prefix, self._length = PREFIXES[family]
        self._bridge = f"wsl{os.getpid()}"[:12]
        self._servers: dict[int, WasmServer] = {}
        self._namespaces: list[int] = []
        self._folder = stage.work / f"{family}-{is_secure}"
        self._flags = self._mutual_tls() if is_secure else []
        self._is_named = False
        self.names = NameServer(self.address(GATEWAY))

    def address(self, number: int) -> str:
        return f"{self._prefix}{number}"

    def start(self, number: int, module: Module) -> WasmServer:
        """Starts a replica that has the others for peers, and waits until it is ready."""
        self.add(number)
        return self._server(number, module.write(self._source(number)), "--drain-delay", "0").await_ready()

    def pod(self, source: Path, address: str) -> Pod:
        """Starts a replica that the name leads to from its start to the beginning of its end."""
        number = int(address.removeprefix(self._prefix))
        self.add(number)
        return LabPod(self._server(number, source, *DRAIN), self.names)

    def _server(self, number: int, source: Path, *flags: str) -> WasmServer:
        server = WasmServer(
            self._stage.binary,
            [source],
            *("--peers", NAME, *flags, *self._flags),
            host=self.address(number),
            port=PORT,
            operations_port=OPERATIONS,
            wrapper=("ip", "netns", "exec", self._namespace(number)),
        )
        self._servers[number] = server
        return server

    def replace(self, number: int, module: Module) -> None:
        """Has a replica serve another version; returns once it announces that."""
        file = self._source(number)
        module.write(file.with_suffix(".new")).rename(file)
        announced = self._stage.await_until(
            lambda: self.get(number, "/plugin.wasm.sha256") == (200, f"{module.digest}\n".encode()), 20.0
        )
        self._stage.require(announced is not None, "a version was not taken over")

    def announce_unseen(self, number: int, module: Module) -> None:
        """Has a replica that is cut off serve another version; returns once it says so in its log."""
        file = self._source(number)
        module.write(file.with_suffix(".new")).rename(file)
        events = self._servers[number].events
        said = self._stage.await_until(lambda: any(event.get("sha256") == module.digest for event in list(events)), 20.0)
        self._stage.require(said is not None, "a version was not taken over by a replica that is cut off")

    def get(self, number: int, target: str) -> tuple[int, bytes]:
        """The status, 0 for none, and the content."""
        connection = http.client.HTTPConnection(self.address(number), PORT, timeout=LIMIT)
        try:
            connection.request("GET", target)
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    def tries(self, number: int, module: Module, most: int = 5) -> list[int]:
        """The statuses of fetches by digest, a second apart, until one has the module."""
        statuses = []
        while len(statuses) < most:
            status, body = self.get(number, f"/sha256/{module.digest}.wasm")
            statuses.append(status)
            if status == 200:
                self._stage.require(body == module.content, "other bytes were served")
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
        _run("ip", "link", "set", f"{self._bridge}-{number}", "up" if is_up else "down")

    def _mutual_tls(self) -> list[str]:
        """What replicas are told that ask each other over TLS, with a certificate that is valid for the Service's name only."""
        pair = write_pair(Authority.at(self._folder / "authority").issue(NAME), self._folder / "tls")
        files = {"certificate": pair.certificate, "key": pair.key, "client-ca": str(self._folder / "authority" / "ca.crt")}
        flags = [word for name, file in files.items() for word in (f"--tls-{name}", file)]
        return [*flags, "--tls-allowed-client", NAME, "--tls-port", str(TLS_PORT)]

    def _source(self, number: int) -> Path:
        return self._folder / str(number) / "plugin.wasm"

    def _namespace(self, number: int) -> str:
        return f"{self._bridge}-{number}"

    def add(self, number: int) -> None:
        """Makes a replica's namespace, if there is none yet."""
        if number in self._namespaces:
            return
        space, link = self._namespace(number), f"{self._bridge}-{number}"
        self._namespaces.append(number)
        _run("ip", "netns", "add", space)
        folder = Path("/etc/netns") / space
        folder.mkdir(parents=True)
        (folder / "resolv.conf").write_text(f"nameserver {self.address(GATEWAY)}\noptions timeout:1 attempts:3\n")
        self._plug(link, space, f"{self._bridge}i{number}")
        _run("ip", "link", "set", link, "master", self._bridge, "up")
        for words in (["link", "set", "lo", "up"], self._address_of(number, "eth0"), ["link", "set", "eth0", "up"]):
            _run("ip", "-netns", space, *words)

    def _plug(self, link: str, space: str, inside: str) -> None:
        """A cable from the bridge into a namespace."""
        if not self._delay and not self._loss:
            _run("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", space)
            return
        self._wires.append(Wire((link, inside), self._delay, self._loss).__enter__())
        _run("ip", "link", "set", inside, "netns", space, "name", "eth0")

    def add_addresses(self, number: int, family: str) -> None:
        """Gives a replica an address of another family, and a way to all that would be beside it."""
        prefix, length = PREFIXES[family]
        flags = ["nodad"] if ":" in prefix else []
        _run("ip", "-netns", self._namespace(number), "addr", "add", f"{prefix}{number}{length}", "dev", "eth0", *flags)

    def _address_of(self, number: int, link: str) -> list[str]:
        flags = ["nodad"] if ":" in self._prefix else []
        return ["addr", "add", f"{self.address(number)}{self._length}", "dev", link, *flags]

    def __enter__(self) -> "Lab":
        _run("ip", "link", "add", self._bridge, "type", "bridge")
        try:
            _run("ip", *self._address_of(GATEWAY, self._bridge))
            _run("ip", "link", "set", self._bridge, "up")
            self.names.__enter__()
            self._is_named = True
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers.values():
            server.kill()
        if self._is_named:
            self.names.__exit__()
        for wire in self._wires:
            wire.__exit__()
        for number in self._namespaces:
            # A namespace is removed later, and its links with it: the next lab has links of these names.
            _fails("ip", "link", "del", f"{self._bridge}-{number}")
            _fails("ip", "netns", "del", self._namespace(number))
            shutil.rmtree(Path("/etc/netns") / self._namespace(number), ignore_errors=True)
        _fails("ip", "link", "del", self._bridge)


class LabPod(Pod):
    """A replica of a Deployment in the lab."""

    def __init__(self, server: WasmServer, names: NameServer) -> None:
        super().__init__(server.host, server.process)
        self._server, self._names = server, names
        names.addresses = [*names.addresses, self.address]

    def is_ready(self) -> bool:
        return probes.succeeds(OPERATIONS, "/readyz", self.address, PROBE_LIMIT)

    def last_words(self) -> str:
        return self._server.last_words()

    def end(self) -> None:
        self._names.addresses = [address for address in self._names.addresses if address != self.address]
        super().end()


def _fails(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, timeout=LIMIT).returncode != 0


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
    if done.returncode:
        raise AttackError(f"{' '.join(command)}: {done.stderr.strip()}")
