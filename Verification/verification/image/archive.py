# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The image as a file."""

import json
import tarfile
from pathlib import Path

from verification.programs import output_of


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
