# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A folder as Kubernetes mounts a ConfigMap or a Secret."""

import os
import shutil
import time
from pathlib import Path

from harness.module import Module


class ConfigMap:
    """Modules behind a `..data` link: `plugin.wasm` → `..data/plugin.wasm` → `..<generation>/plugin.wasm`.

    `generations` are what the folder holds in turn; each has the same names.
    """

    def __init__(self, root: Path, *generations: dict[str, Module]) -> None:
        self.root, self.swaps = root, 0
        self._generations = generations
        root.mkdir()
        self.swap()
        for name in generations[0]:
            os.symlink(f"..data/{name}", root / name)

    def swap(self) -> None:
        """As the kubelet does it: a new folder, a new link renamed over `..data`, the old folder removed."""
        folder = f"..{time.time_ns()}"
        for name, module in self._generations[self.swaps % len(self._generations)].items():
            module.write(self.root / folder / name)
        link, old = self.root / "..data", None
        if link.is_symlink():
            old = os.readlink(link)
        os.symlink(folder, self.root / "..data_tmp")
        os.rename(self.root / "..data_tmp", link)
        if old:
            shutil.rmtree(self.root / old)
        self.swaps += 1
