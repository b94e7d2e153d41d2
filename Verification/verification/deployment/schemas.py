# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""Documents in JSON against schemas: those of docs/schemas, closed, and those that others publish."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema
from referencing import Registry, Resource

from verification.programs import ROOT
from verification.report import Report

FOLDER = ROOT / "docs" / "schemas"


def require(name: str, document: dict, report: Report) -> None:
    """An answer is as its schema promises; what is not promised is not said either."""
    schemas = {path.name: changed(json.loads(path.read_text()), _closed) for path in FOLDER.glob("*.json")}
    # They refer to each other by their names.
    registry = Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in schemas.values())
    found = problems(document, schemas[f"{name}.schema.json"], registry)
    report.check_none(f"the live answer is what {name}.schema.json promises, and no more", found, "; ")


def problems(document: dict, schema: dict, registry: Registry | None = None) -> Iterator[str]:
    validator = jsonschema.Draft202012Validator(schema, registry=registry or Registry())
    return (f"{each.json_path}: {each.message}" for each in validator.iter_errors(document))


def changed(schema: Any, more: Callable[[dict], dict]) -> Any:  # noqa: ANN401
    """A schema with more members wherever there are some, from the inside out."""
    if isinstance(schema, list):
        return [changed(each, more) for each in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: changed(value, more) for key, value in schema.items()}
    return result | more(result)


def _closed(schema: dict) -> dict:
    """Takes no members and values but those that it names."""
    closed = {"additionalProperties": False} if schema.get("type") == "object" else {}
    return closed | ({"enum": schema["examples"]} if "examples" in schema else {})
