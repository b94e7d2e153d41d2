# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The image as a file, and what is in it: files, the bill of materials, labels, the binary, and what helps at a command line."""

import json
import re
import tarfile
from pathlib import Path

from verification.programs import ROOT, output_of, run
from verification.report import Report


class Archive:
    """An OCI archive, unpacked (OCI image layout 1.0), and its layers without their compression."""

    def __init__(self, archive: Path, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        output_of("tar", "--extract", "--file", archive, "--directory", folder)
        self.config = json.loads(output_of("skopeo", "inspect", "--config", f"oci:{folder}"))
        plain = folder / "plain"
        output_of("skopeo", "copy", "--dest-decompress", f"oci:{folder}", f"dir:{plain}")
        layers = json.loads((plain / "manifest.json").read_bytes())["layers"]
        self.layers = [plain / layer["digest"].removeprefix("sha256:") for layer in layers]

    def entries(self) -> list[tarfile.TarInfo]:
        entries = []
        for layer in self.layers:
            with tarfile.open(layer) as tar:
                entries += tar.getmembers()
        return entries

    def unpack(self, root: Path) -> Path:
        root.mkdir()
        for layer in self.layers:
            output_of("tar", "--extract", "--file", layer, "--directory", root)
        return root


def check_contents(report: Report, archive: Archive, bill: list[dict[str, object]]) -> None:
    config = archive.config["config"]
    report.check("runs as 65532:0", config["User"] == "65532:0", config["User"])
    report.check("starts `/wasm-server serve`", (config["Entrypoint"], config["Cmd"]) == (["/wasm-server"], ["serve"]))
    report.check("names its ports", set(config["ExposedPorts"]) == {"8082/tcp", "9082/tcp"})
    files = {entry.name: entry for entry in archive.entries() if not entry.isdir()}
    others = [name for name in files if not name.startswith(("licenses/", "usr/share/")) and name != "wasm-server"]
    report.check("holds nothing but the binary, licences and help", not others and "wasm-server" in files, ", ".join(others))
    rights = {(entry.mode & 0o7777, entry.uid, entry.gid, name == "wasm-server") for name, entry in files.items()}
    right = rights == {(0o555, 0, 0, True), (0o444, 0, 0, False)}
    report.check("anyone may run the binary and read the rest, nobody may write any of it", right)
    texts = {name.split("/")[1] for name in files if name.startswith("licenses/")}
    linked = {owner(each) for each in bill if each["primaryPackagePurpose"] == "LIBRARY"}
    report.check_none(f"has the licences of all {len(linked)} that the SBOM says are linked", sorted(linked - texts))


def owner(package: dict[str, object]) -> str:
    """In whose folder the licence is: that of the Swift package, of the toolchain or of the system's package."""
    carrier = re.search(r"-of-(.*)$", str(package["SPDXID"]))
    if carrier:
        return carrier[1]
    locator = str(package["externalRefs"][0]["referenceLocator"]).replace("%2B", "+")
    return "swift" if locator.startswith("pkg:github/swiftlang/") else locator.split("/")[-1].split("@")[0]


def check_bill(report: Report, bill: list[dict[str, object]], labels: dict[str, str], binary: Path) -> None:
    """The SBOM is about what is linked and nothing else, and says the same of licences as the label."""
    linked = {tuple(line.split("\t")[:2]) for line in (binary.parent / "linked.tsv").read_text().splitlines()}
    heavy = sorted(
        name for name in parts(binary) if re.match(r"libFoundation\.a|libFoundationInternationalization|lib_FoundationICU", name)
    )
    report.check_none("of Foundation only the essentials are linked, without locale data", heavy)
    named = {str(each["name"]) for each in bill}
    packages = {name for kind, name in linked if kind == "package"}
    resolved = {Path(pin["location"].removesuffix(".git")).name for pin in pins(binary.parent / "Package.resolved")}
    wrong = (packages - named) | ((resolved - packages) & named)
    report.check_none(f"the SBOM names the {len(packages)} packages that are linked, of {len(resolved)}", wrong)
    floating = sorted(unpinned(binary.parent / "Package.resolved"))
    report.check_none("Package.swift names each of them in that one version", floating)
    concluded = next(each["licenseConcluded"] for each in bill if each["primaryPackagePurpose"] == "CONTAINER")
    label = labels["org.opencontainers.image.licenses"]
    same = label == concluded
    report.check("the label tells the licences that the SBOM concludes", same, "" if same else concluded)


def parts(binary: Path) -> list[str]:
    """The modules, objects and archives that it was linked from."""
    return [line.split("\t")[3] for line in (binary.parent / "linked.tsv").read_text().splitlines()]


def unpinned(resolved: Path) -> set[str]:
    """The packages that Package.swift does not name, or names in another version."""
    manifest = (ROOT / "Package.swift").read_text()
    versions = {Path(pin["location"]).name.removesuffix(".git"): pin["state"].get("version", "") for pin in pins(resolved)}
    wanted = r'/{0}\.git", exact: "{1}"|\("{0}", "{1}", '
    return {name for name, version in versions.items() if not re.search(wanted.format(name, re.escape(version)), manifest)}


def pins(resolved: Path) -> list[dict]:
    return json.loads(resolved.read_text())["pins"]


def check_help(report: Report, root: Path) -> None:
    """Manual pages by mandoc, which is the strictest of those that read them; completions by bash alone, as it is there."""
    share = root / "usr/share"
    pages = sorted((share / "man/man1").glob("*.1"))
    linted = run("mandoc", "-T", "lint", "-W", "warning", *pages)
    report.check(f"mandoc finds nothing in {len(pages)} manual pages", len(pages) == 8 and linted.returncode == 0, linted.stdout)
    report.check_run("bash takes the completions", "bash", "-n", share / "bash-completion/completions/wasm-server")
    others = [share / "zsh/site-functions/_wasm-server", share / "fish/vendor_completions.d/wasm-server.fish"]
    report.check("there are completions for zsh and fish", all(each.stat().st_size > 1000 for each in others))


def check_binary(report: Report, root: Path) -> None:
    headers = run("readelf", "--wide", "--program-headers", "--section-headers", root / "wasm-server").stdout
    report.check("the binary is static", "INTERP" not in headers and "DYNAMIC" not in headers)
    report.check("the binary is stripped", ".symtab" not in headers and ".debug" not in headers)


def check_labels(report: Report, archive: Archive, binary: Path) -> dict[str, str]:
    labels = json.loads(output_of("skopeo", "inspect", f"oci:{archive.folder}"))["Labels"]
    wanted = ["title", "description", "version", "revision", "created", "source", "licenses"]
    report.check_none("skopeo shows every label", [each for each in wanted if not labels.get(f"org.opencontainers.image.{each}")])
    told = [labels[f"org.opencontainers.image.{name}"] for name in ("version", "revision")]
    said = output_of(binary, "--version").strip()
    report.check("labels tell the version and the commit that the program tells", said == "{} (revision {})".format(*told), said)
    source = output_of(ROOT / "Scripts/version").strip()
    report.check("which are those of the source", told[0] == source, source)
    return labels


def check_digest(report: Report, archive: Path) -> None:
    """What docs/disconnected.md has a reader take out of the archive is what a registry will call the image."""
    [image] = json.loads(output_of("tar", "--extract", "--to-stdout", "--file", archive, "index.json"))["manifests"]
    digest = output_of("skopeo", "inspect", "--format", "{{.Digest}}", f"oci-archive:{archive}").strip()
    report.check("the archive's list has the image's digest", image["digest"] == digest, digest)
