# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A mounted Secret whose certificate is rotated, every other time into one that cannot work."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from cryptography import x509

from harness.tls import Authority, Pair


class Rotation:
    """A folder, made if it is not there: `tls.crt` and `tls.key` behind a `..data` link.

    `serials` are those of the good certificates.
    """

    def __init__(self, authority: Authority, root: Path) -> None:
        self.serials: list[int] = []
        self.swaps = 0
        self._authority, self._root = authority, root
        root.mkdir(parents=True, exist_ok=True)
        if (root / "..data").exists():
            self.serials.append(serial_of((root / "tls.crt").read_bytes()))
        else:
            self.good()
        for name in ("tls.crt", "tls.key"):
            if not (root / name).is_symlink():
                os.symlink(f"..data/{name}", root / name)

    @property
    def pair(self) -> Pair:
        return Pair(str(self._root / "tls.crt"), str(self._root / "tls.key"))

    def good(self) -> None:
        """As the kubelet does it: both files at once."""
        pair = self._issue()
        self._publish(pair)

    def good_in_two_steps(self) -> Callable[[], None]:
        """A tool that writes the certificate in place first; what is returned then writes the key."""
        pair = self._issue()
        data = self._root / "..data"
        shutil.copyfile(pair.certificate, data / "tls.crt")
        self.swaps += 1
        return lambda: shutil.copyfile(pair.key, data / "tls.key")

    def broken(self, way: str) -> None:
        pair = self._issue(is_good=False)
        BREAKS[way](Path(pair.certificate), Path(pair.key))
        self._publish(pair)

    def _issue(self, is_good: bool = True) -> Pair:
        pair = self._authority.server_pair(self._root / f"..{time.time_ns()}")
        if is_good:
            self.serials.append(serial_of(Path(pair.certificate).read_bytes()))
        return pair

    def _publish(self, pair: Pair) -> None:
        folder, link = Path(pair.certificate).parent, self._root / "..data"
        os.symlink(folder.name, self._root / "..data_tmp")
        os.rename(self._root / "..data_tmp", link)
        self.swaps += 1


def serial_of(pem: bytes) -> int:
    return x509.load_pem_x509_certificate(pem).serial_number


def _other_key(certificate: Path, key: Path) -> None:
    other = Authority.at(certificate.parent / "other").issue("localhost")
    other.private_key_pem.write_to_path(str(key))


def _cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


BREAKS: dict[str, Callable[[Path, Path], None]] = {
    "another key": _other_key,
    "half a certificate": lambda certificate, _: _cut_short(certificate),
    "half a key": lambda _, key: _cut_short(key),
    "empty certificate": lambda certificate, _: certificate.write_bytes(b""),
    "no key": lambda _, key: key.unlink(),
    "no certificate": lambda certificate, _: certificate.unlink(),
    "garbage": lambda certificate, key: (certificate.write_bytes(b"\0" * 1000), key.write_bytes(b"\xff" * 1000)),
    "files swapped": lambda certificate, key: (
        certificate.rename(certificate.with_suffix(".x")),
        key.rename(certificate),
        certificate.with_suffix(".x").rename(key),
    ),
}  # fmt: skip
