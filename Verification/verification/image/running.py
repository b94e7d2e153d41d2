# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""How the image runs: as a service, without a module, and as replicas that find each other."""

import concurrent.futures
import http.client
import shutil
import ssl
from pathlib import Path

from verification.image.container import MEMORY, Container, get
from verification.programs import output_of, run
from verification.report import Report
from verification.sources.module import DEMO, digest_of

OWN_AUTHORITIES = "/ca.crt"
SYSTEM_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
# As the manifests name them, and what that becomes by the pod's search list.
PEERS = "wasm-server-peers"
SEARCH = "wasm-server.svc.cluster.local"
PEERS_FULL_NAME = f"{PEERS}.{SEARCH}"


def check_service(report: Report, image: Path, work: Path, name: str, module: bytes, mounts: dict[Path, str]) -> None:
    with Container(image, work, name.replace(" ", "-"), "serve", mounts=mounts) as server:
        ready = server.is_ready()
        report.check(f"the image {name} becomes ready", ready, "" if ready else server.said())
        if not ready:
            return
        status = Path(f"/proc/{server.pid()}/status").read_text()
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        user, group = fields["Uid"].split()[0], fields["Gid"].split()[0]
        report.check("as a random UID with group 0", user != "0" and group == "0", f"{user}:{group}")
        capabilities = [int(fields[f"Cap{kind}"], 16) for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")]
        report.check("with no capability", not any(capabilities))
        report.check("with no new privileges", fields["NoNewPrivs"] == "1")
        report.check("serves the module", get("/plugin.wasm") == (200, module))
        digest = digest_of(module)
        report.check("serves its sha256", get("/plugin.wasm.sha256") == (200, f"{digest}\n".encode()))
        check_probe(report, server)
        with concurrent.futures.ThreadPoolExecutor(200) as pool:
            answers = list(pool.map(lambda _: digest_of(get("/plugin.wasm")[1]), range(200)))
        report.check(f"200 fetches of {len(module)} bytes at once are all whole", set(answers) == {digest})
        how = "charged to a group with that limit" if server.group.is_limited else "resident; no limit could be set"
        peak = server.peak() if server.process.poll() is None else None
        report.check("within 64 MiB", peak is not None and peak <= MEMORY, f"{peak >> 10} KiB, {how}" if peak else "killed")
        check_drain(report, server, module)


def check_probe(report: Report, server: Container) -> None:
    report.check_run("the container's own health check passes", *server.inside("probe"))
    report.check_run("and so does `probe` as its clients ask", *server.inside("probe", "http://127.0.0.1:8082"))


def check_drain(report: Report, server: Container, module: bytes) -> None:
    """A download that is under way when SIGTERM comes is finished."""
    connection = http.client.HTTPConnection("127.0.0.1", 8082, timeout=30)
    connection.request("GET", "/plugin.wasm")
    response = connection.getresponse()
    begin = response.read(1 << 10)
    server.terminate()
    while True:
        try:
            if get("/readyz", port=9082)[0] == 503:
                break
        except OSError:
            break
    report.check("goes on serving after SIGTERM, while everyone learns of it", get("/plugin.wasm")[0] == 200)
    report.check("finishes the download that was under way", begin + response.read() == module)
    connection.close()
    code = server.stop()
    report.check("ends with exit code 0", code == 0, f"{code}: {server.said()[-1500:]}" if code else "")


def check_without_module(report: Report, image: Path, work: Path) -> None:
    with Container(image, work, "without", "serve") as server:
        code = server.process.wait(30)
        report.check("without a module it ends with exit code 66", code == 66, code)
        report.check("and says so", "/wasm/plugin.wasm" in server.said(), server.said().strip())


def check_without_proc(report: Report, image: Path) -> None:
    """Left to itself, the runtime of a static binary aborts there."""
    done = run("chroot", image, "/wasm-server", "--version")
    report.check("where /proc is not mounted it ends with exit code 71", done.returncode == 71, done.returncode)
    report.check("and says so", "/proc is not mounted" in done.stderr, done.stderr.strip())


def check_peers(report: Report, image: Path, work: Path) -> None:
    """Two replicas, over TLS, that find each other by a name: one serves what only the other has."""
    make_certificate(work)
    module, other = DEMO.read_bytes(), DEMO.read_bytes() + b"\0\4\3two"
    trust = ssl.create_default_context(cafile=work / "tls.crt")
    for name, content in (("first", module), ("second", other)):
        (work / f"{name}.wasm").write_bytes(content)

    def replica(name: str, host: str, peers: list[str], authorities: str | None) -> Container:
        flags = ["--host", host, "--tls-certificate", "/tls.crt", "--tls-key", "/tls.key", "--adopt-timeout", "100ms"]
        flags += [flag for peer in peers for flag in ("--peers", peer)]
        flags += ["--tls-peers-ca", authorities] if authorities == OWN_AUTHORITIES else []
        files = {f"{name}.wasm": "/wasm/plugin.wasm", "tls.crt": "/tls.crt", "tls.key": "/tls.key"}
        files |= {"ca.crt": authorities} if authorities else {}
        mounts = {work / file: place for file, place in files.items()}
        return Container(image, work, f"{name}-of-{'-'.join(peers)}-{len(files)}", "serve", *flags, mounts=mounts)

    for peers, source, authorities, trusted in (
        ([PEERS], "a headless Service's short name", OWN_AUTHORITIES, "by --tls-peers-ca"),
        ([PEERS_FULL_NAME], "a headless Service's whole name", OWN_AUTHORITIES, "by --tls-peers-ca"),
        (["first.hosts", "second.hosts"], "/etc/hosts", SYSTEM_AUTHORITIES, "by a mounted CA bundle"),
    ):
        with (
            replica("first", "127.0.0.2", peers, authorities) as first,
            replica("second", "127.0.0.3", peers, authorities) as second,
        ):
            ready = first.is_ready("127.0.0.2") and second.is_ready("127.0.0.3")
            report.check(f"two replicas over TLS become ready: found by {source}, trusted {trusted}", ready)
            if ready:
                found = get(f"/sha256/{digest_of(other)}.wasm", "127.0.0.2", tls=trust)
                fetched = found == (200, other)
                report.check("and one fetches from the other what only that has", fetched, "" if fetched else first.said())

    with replica("first", "127.0.0.2", [PEERS_FULL_NAME], None) as lone:
        code = lone.process.wait(30)
        said = lone.said().strip().splitlines()[-1]
        report.check("without authorities it does not start, and says so", code != 0 and "authorities" in said, said)


def make_certificate(work: Path) -> None:
    names = f"subjectAltName=DNS:{PEERS},DNS:{PEERS_FULL_NAME},DNS:first.hosts,DNS:second.hosts,IP:127.0.0.2,IP:127.0.0.3"
    output_of(
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", "/CN=wasm-server", "-addext", names, "-keyout", work / "tls.key", "-out", work / "tls.crt",
    )  # fmt: skip
    (work / "tls.key").chmod(0o440)
    shutil.copyfile(work / "tls.crt", work / "ca.crt")
