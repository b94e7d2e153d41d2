# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""What has to be true of every overlay, by what it is about."""

from collections.abc import Iterator

from deployment import certificates, hardening, labels, monitoring, network, services, sources, workload
from deployment.objects import Object

RULES = (workload, hardening, services, network, monitoring, certificates, labels)


def problems(overlay: str, objects: list[Object]) -> Iterator[str]:
    for rule in RULES:
        try:
            yield from rule.problems(objects)
        except LookupError as error:
            yield f"{rule.__name__}: there is nothing by the name of {error}"
    yield from sources.problems(overlay, objects)
