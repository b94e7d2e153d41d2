# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Volumes as the kubelet mounts them: a ConfigMap of modules, and a Secret whose certificate is rotated."""

import os
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from cryptography import x509

from verification.clients.tls import Authority, Pair
from verification.sources.module import Module


class Mount:
    """A folder whose names lead through a `..data` link: `plugin.wasm` → `..data/plugin.wasm` → `..<generation>/plugin.wasm`."""

    def __init__(self, root: Path, names: Iterable[str]) -> None:
        self.root, self.swaps, self._names = root, 0, list(names)
        root.mkdir(parents=True, exist_ok=True)

    def _new_generation(self) -> Path:
        return self.root / f"..{time.time_ns()}"

    def _publish(self, generation: Path) -> Path | None:
        """As the kubelet does it: a new link renamed over `..data`. Returns the folder to which that led before."""
        link = self.root / "..data"
        old = self.root / os.readlink(link) if link.is_symlink() else None
        os.symlink(generation.name, self.root / "..data_tmp")
        os.rename(self.root / "..data_tmp", link)
        for name in self._names:
            if not (self.root / name).is_symlink():
                os.symlink(f"..data/{name}", self.root / name)
        self.swaps += 1
        return old


class ConfigMap(Mount):
    """Modules; `generations` are what the folder holds in turn, each with the same names."""

    def __init__(self, root: Path, *generations: dict[str, Module]) -> None:
        super().__init__(root, generations[0])
        self._generations = generations
        self.swap()

    def swap(self) -> None:
        folder = self._new_generation()
        for name, module in self._generations[self.swaps % len(self._generations)].items():
            module.write(folder / name)
        if old := self._publish(folder):
            shutil.rmtree(old)


class Rotation(Mount):
    """A Secret: `tls.crt` and `tls.key`; `serials` are those of the good certificates."""

    def __init__(self, authority: Authority, root: Path) -> None:
        super().__init__(root, ("tls.crt", "tls.key"))
        self.serials: list[int] = []
        self._authority = authority
        if (root / "..data").exists():
            self.serials.append(serial_of((root / "tls.crt").read_bytes()))
        else:
            self.good()

    @property
    def pair(self) -> Pair:
        return Pair.at(self.root)

    def good(self) -> None:
        """Both files at once."""
        self._publish(self._issue().certificate.parent)

    def good_in_two_steps(self) -> Callable[[], None]:
        """A tool that writes the certificate in place first; what is returned then writes the key."""
        pair = self._issue()
        data = self.root / "..data"
        shutil.copyfile(pair.certificate, data / "tls.crt")
        self.swaps += 1
        return lambda: shutil.copyfile(pair.key, data / "tls.key")

    def broken(self, way: str) -> None:
        pair = self._issue(is_good=False)
        BREAKS[way](pair.certificate, pair.key)
        self._publish(pair.certificate.parent)

    def _issue(self, is_good: bool = True) -> Pair:
        pair = self._authority.server_pair(self._new_generation())
        if is_good:
            self.serials.append(serial_of(pair.certificate.read_bytes()))
        return pair


def serial_of(pem: bytes) -> int:
    return x509.load_pem_x509_certificate(pem).serial_number


def _other_key(certificate: Path, key: Path) -> None:
    other = Authority.at(certificate.parent / "other").issue("localhost")
    key.write_bytes(other.private_key_pem.bytes())


def _cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _swap_files(certificate: Path, key: Path) -> None:
    aside = certificate.rename(certificate.with_suffix(".x"))
    key.rename(certificate)
    aside.rename(key)


BREAKS: dict[str, Callable[[Path, Path], object]] = {
    "another key": _other_key,
    "half a certificate": lambda certificate, _: _cut_short(certificate),
    "half a key": lambda _, key: _cut_short(key),
    "empty certificate": lambda certificate, _: certificate.write_bytes(b""),
    "no key": lambda _, key: key.unlink(),
    "no certificate": lambda certificate, _: certificate.unlink(),
    "garbage": lambda certificate, key: (certificate.write_bytes(b"\0" * 1000), key.write_bytes(b"\xff" * 1000)),
    "files swapped": _swap_files,
}
