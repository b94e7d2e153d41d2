# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Builds the image and checks it as a cluster would run it.

1. Lint the Containerfile and the scripts.
2. Build the image twice: the same bytes, small enough, labelled, and with nothing in it but the binary and the licences
   of what is linked, which are those that label and SBOM name.
3. Build it with modules: a good one, twice, none, and one that is rejected.
4. Run both by crun, the one without a module and the one with it: a random UID with group 0, read-only root, no
   capabilities, no new privileges, 64 MiB of memory, and a network that ends at its own loopback. They must become
   ready, serve, drain, and satisfy their own probe; look names up as a pod does, and speak TLS to peers.

Needs root, for crun and for a network of its own. It ends what it started and leaves nothing behind but .build/image.

Exit code: 0 when everything holds; 1 when something does not, which is said; 77 when this is not root.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from subprocess import CompletedProcess

from verification.command import finish
from verification.image import contents, running
from verification.image.container import isolate
from verification.image.contents import Archive
from verification.image.running import PEERS_FULL_NAME, SEARCH
from verification.programs import ROOT, TOOLS, output_of, run
from verification.report import Report
from verification.server.dns import NameServer
from verification.sources.module import DEMO, Module

NAME = "check-image"
BUILD = ROOT / "Scripts/build-image"
MAXIMUM_SIZE = 9_000_000
LARGE = 4 << 20
EXIT_NOT_ROOT = 77


def are_same(one: Path, other: Path) -> bool:
    names = ("wasm-server.tar", "wasm-server.spdx.json")
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in names)


def check_lint(report: Report) -> None:
    containerfile = ROOT / "deploy/image/Containerfile"
    report.check_run("hadolint finds nothing in the Containerfile", TOOLS / "image/bin/hadolint", containerfile)
    names = ("build-image", "build-static", "collect-licenses", "install-tools", "version", "write-help")
    report.check_run("shellcheck finds nothing in the scripts", "shellcheck", *(ROOT / "Scripts" / name for name in names))


def check_modules(report: Report, binary: Path, work: Path) -> Path:
    """Builds images with modules; tells where the good one is unpacked."""

    def build(module: Path, output: str) -> CompletedProcess[str]:
        return run(BUILD, "--binary", binary, "--module", module, "--output", work / output)

    report.check("builds with a module", build(DEMO, "with").returncode == 0)
    again = build(DEMO, "with-again").returncode == 0
    report.check("and once more, to the same bytes", again and are_same(work / "with", work / "with-again"))
    archive = Archive(work / "with/wasm-server.tar", work / "with/layout")
    root = archive.unpack(work / "with/root")
    files = (str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
    packed = sorted(name for name in files if not name.startswith(("licenses/", "usr/share/")))
    both = packed == ["wasm-server", "wasm/plugin.wasm"]
    report.check("that image holds the binary and the module", both, ", ".join(packed))
    report.check("the module is the one given", (root / "wasm/plugin.wasm").read_bytes() == DEMO.read_bytes())
    [module] = [entry for entry in archive.entries() if entry.name == "wasm/plugin.wasm"]
    rights = {(module.mode & 0o7777, module.uid, module.gid)}
    report.check("anyone may read the module, nobody may write it", rights == {(0o444, 0, 0)})

    missing = build(work / "missing.wasm", "missing")
    report.check("a missing module fails the build", missing.returncode == 66, missing.stderr.strip())
    (work / "html.wasm").write_text("<!doctype html><title>404 Not Found</title>")
    rejected = build(work / "html.wasm", "rejected")
    verdict = [line for line in rejected.stderr.splitlines() if "plugin.wasm" in line and "STEP" not in line]
    report.check("an inadmissible module fails the build", rejected.returncode == 1)
    report.check("and the build says why", bool(verdict), verdict[0].strip() if verdict else rejected.stderr)
    return root


def check_all(report: Report, given: argparse.Namespace, work: Path) -> None:
    output = ROOT / ".build/image"
    binary = given.binary or output / "binary/wasm-server"
    print(output_of(BUILD, *(["--binary", given.binary] if given.binary else [])), end="", flush=True)
    output_of(BUILD, "--binary", binary, "--output", work / "again")
    report.check("built twice, it is the same to the byte, and so is its SBOM", are_same(output, work / "again"))
    file = output / "wasm-server.tar"
    size = file.stat().st_size
    report.check("is no larger than 9 MB", size <= MAXIMUM_SIZE, f"{size} bytes, compressed")
    archive = Archive(file, work / "layout")
    contents.check_digest(report, file)
    bill = json.loads((output / "wasm-server.spdx.json").read_text())["packages"]
    contents.check_contents(report, archive, bill)
    contents.check_bill(report, bill, contents.check_labels(report, archive, binary), binary)
    image = archive.unpack(work / "image")
    contents.check_binary(report, image)
    contents.check_help(report, image)
    running.check_without_proc(report, image)
    with_module = check_modules(report, binary, work)

    isolate()
    search = f"{SEARCH} svc.cluster.local cluster.local"
    (work / "resolv.conf").write_text(f"search {search}\nnameserver 127.0.0.1\noptions ndots:5\n")
    (work / "hosts").write_text("127.0.0.1 localhost\n127.0.0.2 first.hosts\n127.0.0.3 second.hosts\n")
    module = Module.of(1, LARGE, DEMO.read_bytes())
    mounts = {module.write(work / "large.wasm"): "/wasm/plugin.wasm"}
    with NameServer("127.0.0.1", ["127.0.0.2", "127.0.0.3"], PEERS_FULL_NAME):
        running.check_service(report, image, work, "without a module of its own", module.content, mounts)
        running.check_service(report, with_module, work, "with its module", DEMO.read_bytes(), {})
        running.check_without_module(report, image, work)
        running.check_peers(report, image, work)


def main() -> int:
    parser = argparse.ArgumentParser(NAME, description="Builds the image and checks it as a cluster would run it.")
    parser.add_argument("--binary", type=Path, help="a static binary, instead of building one")
    given = parser.parse_args()
    if os.geteuid() != 0:
        print(f"{NAME}: this is not root; crun needs it: run `sudo Scripts/verify check-image`", file=sys.stderr)
        return EXIT_NOT_ROOT
    # What is mounted has to be readable for whom the container runs as.
    os.umask(0o022)
    output_of(ROOT / "Scripts/install-tools", "image")
    report = Report(NAME, tells_all=True)
    check_lint(report)
    with tempfile.TemporaryDirectory(prefix="wasm-server-image-") as folder:
        work = Path(folder)
        work.chmod(0o755)
        check_all(report, given, work)
    return report.end()


if __name__ == "__main__":
    finish(NAME, main)
