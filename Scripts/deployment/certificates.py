# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Whether the certificate is one that gateways and peers accept, and where the server looks for it."""

from collections.abc import Iterator

from deployment.objects import NAME, Object, Workload, of_kind, one

FILES = {
    "WASM_SERVER_TLS_CERTIFICATE": "tls.crt",
    "WASM_SERVER_TLS_KEY": "tls.key",
    "WASM_SERVER_TLS_CLIENT_CA": "ca.crt",
    "WASM_SERVER_TLS_PEERS_CA": "ca.crt",
}


def problems(objects: list[Object]) -> Iterator[str]:
    workload = Workload(objects)
    if not of_kind(objects, "Certificate"):
        if FILES.keys() & workload.environment.keys():
            yield "TLS is configured, and there is no Certificate"
        return
    certificate = one(objects, "Certificate")["spec"]
    service = f"{NAME}.{workload.namespace}.svc"
    missing = {workload.environment["WASM_SERVER_PEERS"], service, f"{service}.cluster.local"} - set(certificate["dnsNames"])
    if missing:
        yield f"the Certificate does not name {', '.join(sorted(missing))}"
    for usage in {"server auth", "client auth"} - set(certificate["usages"]):
        yield f"the Certificate is not for {usage}"
    for variable, file in FILES.items():
        path = workload.environment.get(variable, "")
        secret = workload.volume_at(path).get("secret", {}).get("secretName")
        if not path.endswith(f"/{file}") or secret != certificate["secretName"]:
            yield f"{variable} is not {file} of the Certificate's Secret"
    yield from _issuer(objects, certificate)


def _issuer(objects: list[Object], certificate: Object) -> Iterator[str]:
    issuer = one(objects, "Issuer", certificate["issuerRef"]["name"])["spec"]
    authorities = [each["spec"]["secretName"] for each in of_kind(objects, "Certificate") if each["spec"].get("isCA")]
    if issuer["ca"]["secretName"] not in authorities:
        yield "the Certificate's issuer has no authority"
