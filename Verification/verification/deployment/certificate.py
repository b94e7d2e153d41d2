# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""A certificate that is its own authority, for a server that has TLS beside its plain port."""

from pathlib import Path

from verification.programs import output_of


def flags(folder: Path) -> list[str]:
    """Makes `tls.crt` and `tls.key`, which are valid for two days; returns what a server is told to use them for everything."""
    certificate, key = folder / "tls.crt", folder / "tls.key"
    output_of(
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate,
    )  # fmt: skip
    files = {"certificate": certificate, "key": key, "client-ca": certificate, "peers-ca": certificate}
    return ["--tls-port", "0", *(word for name, file in files.items() for word in (f"--tls-{name}", str(file)))]
