# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Rendered manifests, as plain data, and how to find one's way in them."""

import re
from typing import Any

Object = dict[str, Any]
NAME = "wasm-server"


def of_kind(objects: list[Object], kind: str) -> list[Object]:
    return [each for each in objects if each["kind"] == kind]


def one(objects: list[Object], kind: str, name: str = NAME) -> Object:
    found = [each for each in of_kind(objects, kind) if each["metadata"]["name"] == name]
    if len(found) != 1:
        raise LookupError(f"{len(found)} objects are {kind} {name}")
    return found[0]


class Workload:
    """What the Deployment says, where the checks look."""

    def __init__(self, objects: list[Object]) -> None:
        deployment = one(objects, "Deployment")
        self.namespace = deployment["metadata"]["namespace"]
        self.spec = deployment["spec"]
        self.labels = self.spec["template"]["metadata"]["labels"]
        self.pod = self.spec["template"]["spec"]
        self.container = self.pod["containers"][0]
        self.environment = {each["name"]: each.get("value", "") for each in self.container["env"]}
        self.ports = {each["name"]: each["containerPort"] for each in self.container["ports"]}
        self.volumes = {each["name"]: each for each in self.pod.get("volumes", [])}
        self.mounts = {each["mountPath"]: each["name"] for each in self.container.get("volumeMounts", [])}

    def is_selected_by(self, labels: dict[str, str] | None) -> bool:
        return bool(labels) and labels.items() <= self.labels.items()

    def volume_at(self, path: str) -> Object:
        """The volume that a file of the container is on; nothing if it is on the image's own."""
        found = [name for mount, name in self.mounts.items() if path == mount or path.startswith(f"{mount}/")]
        return self.volumes[found[0]] if found else {}


def seconds(text: str) -> int:
    return int(text.removesuffix("s"))


def mebibytes(text: str) -> int:
    return int(re.sub("Mi(B)?$", "", text))
