# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Row 28, what the TLS listener agrees to, as sslyze sees it: nothing old, nothing weak."""

import warnings
from typing import Any

from cryptography.utils import CryptographyDeprecationWarning
from sslyze import (
    AllScanCommandsAttempts,
    ScanCommandAttemptStatusEnum,
    Scanner,
    ServerNetworkConfiguration,
    ServerNetworkLocation,
    ServerScanRequest,
    ServerScanStatusEnum,
)

from verification.attacks.fixture import AttackFixture, row
from verification.clients.tls import NAME, port_flags
from verification.programs import VerificationError

# Of a CA among those that sslyze brings; it has nothing to do with our server.
warnings.filterwarnings("ignore", category=CryptographyDeprecationWarning)

OLD = ["ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1"]
NEW = ["tls_1_2", "tls_1_3"]
STRONG = ("GCM", "CHACHA20")
CURVES = {"X25519", "X448", "prime256v1", "secp256r1", "secp384r1", "secp521r1"}


@row(28, "TLS policy", "TLS ≥ 1.2, AEAD with forward secrecy, no finding", flags=port_flags)
def attack(fixture: AttackFixture) -> None:
    result = _scan(fixture.server.ports["tls"])
    for version in OLD:
        fixture.require(not _suites(result, version), f"{version} is accepted")
    suites = {version: _suites(result, version) for version in NEW}
    for version, names in suites.items():
        fixture.require(bool(names), f"{version} is not accepted")
    weak = [name for name in suites["tls_1_2"] if "ECDHE" not in name or not any(mark in name for mark in STRONG)]
    weak += [name for name in suites["tls_1_3"] if not any(mark in name for mark in STRONG)]
    fixture.require(not weak, f"weak suites: {weak}")
    findings = _findings(result)
    fixture.require(not findings, f"findings: {findings}")
    fixture.report(
        ", ".join(f"{version}: {len(names)} suites" for version, names in suites.items()) + f", {len(findings)} findings"
    )


def _scan(port: int) -> AllScanCommandsAttempts:
    location = ServerNetworkLocation(hostname=NAME, ip_address="127.0.0.1", port=port)
    configuration = ServerNetworkConfiguration(tls_server_name_indication=NAME, network_timeout=5)
    scanner = Scanner(per_server_concurrent_connections_limit=2)
    scanner.queue_scans([ServerScanRequest(server_location=location, network_configuration=configuration)])
    result = next(scanner.get_results())
    if result.scan_status != ServerScanStatusEnum.COMPLETED:
        raise VerificationError(f"sslyze could not connect: {result.connectivity_error_trace}")
    return result.scan_result


def _outcome(result: AllScanCommandsAttempts, command: str) -> Any:  # noqa: ANN401
    attempt = getattr(result, command)
    if attempt.status != ScanCommandAttemptStatusEnum.COMPLETED:
        raise VerificationError(f"sslyze could not finish {command}: {attempt.error_reason}")
    return attempt.result


def _suites(result: AllScanCommandsAttempts, version: str) -> list[str]:
    accepted = _outcome(result, f"{version}_cipher_suites").accepted_cipher_suites
    return [suite.cipher_suite.name for suite in accepted]


def _findings(result: AllScanCommandsAttempts) -> list[str]:
    """Everything that sslyze looks for and that is more than a remark."""
    renegotiation = _outcome(result, "session_renegotiation")
    curves = {curve.name for curve in _outcome(result, "elliptic_curves").supported_curves or []}
    weak = ", ".join(sorted(curves - CURVES))
    robot = _outcome(result, "robot").robot_result.name
    found = {
        "Heartbleed": _outcome(result, "heartbleed").is_vulnerable_to_heartbleed,
        "CCS injection": _outcome(result, "openssl_ccs_injection").is_vulnerable_to_ccs_injection,
        "ROBOT": not robot.startswith("NOT_VULNERABLE"),
        "compression (CRIME)": _outcome(result, "tls_compression").supports_compression,
        "client-initiated renegotiation": renegotiation.is_vulnerable_to_client_renegotiation_dos,
        "no secure renegotiation": not renegotiation.supports_secure_renegotiation,
        "early data": _outcome(result, "tls_1_3_early_data").supports_early_data,
        "no extended master secret": not _outcome(result, "tls_extended_master_secret").supports_ems_extension,
        f"weak curves: {weak}": bool(weak),
    }
    return [finding for finding, is_found in found.items() if is_found]
