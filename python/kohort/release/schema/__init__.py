"""The published schema of the disclosure record, and as much of JSON Schema as checking a record takes."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from kohort.errors import IntegrityError

if TYPE_CHECKING:
    from collections.abc import Callable

_IS: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: _IS["number"](value) and value == int(value),
}


@cache
def disclosure_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of disclosure.json."""
    read: dict[str, Any] = json.loads(files("kohort.release.schema").joinpath("disclosure-1.json").read_text("utf-8"))
    return read


def check(value: object, schema: dict[str, Any], where: str) -> None:
    """Check a value against a schema that uses the words of `disclosure-1.json` only.

    Raises
    ------
    IntegrityError
        At the first place that is not as the schema says; the value itself is not quoted.
    """
    if "$ref" in schema:
        schema = disclosure_schema()["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    wanted = schema.get("type", list(_IS))
    kinds = [wanted] if isinstance(wanted, str) else wanted
    if not any(_IS[kind](value) for kind in kinds):
        raise IntegrityError(f"{where} is not of type {' or '.join(kinds)}")
    _check_scalar(value, schema, where)
    if isinstance(value, dict):
        _check_object(value, schema, where)
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            raise IntegrityError(f"{where} has not the number of entries that it should have")
        for position, item in enumerate(value):
            check(item, schema.get("items", {}), f"{where}[{position}]")


def _check_scalar(value: Any, schema: dict[str, Any], where: str) -> None:
    if "const" in schema and value != schema["const"]:
        raise IntegrityError(f"{where} is not {schema['const']!r}")
    if "enum" in schema and value not in schema["enum"]:
        raise IntegrityError(f"{where} is none of {', '.join(schema['enum'])}")
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        raise IntegrityError(f"{where} is not written as it should be")
    if _IS["number"](value) and value < schema.get("minimum", value):
        raise IntegrityError(f"{where} is below {schema['minimum']}")


def _check_object(value: dict[str, Any], schema: dict[str, Any], where: str) -> None:
    missing = [name for name in schema.get("required", ()) if name not in value]
    if missing:
        raise IntegrityError(f"{where} has no {missing[0]!r}")
    named, others = schema.get("properties", {}), schema.get("additionalProperties", {})
    for name, item in value.items():
        if name in named:
            check(item, named[name], f"{where}.{name}")
        elif others is False:
            raise IntegrityError(f"{where} holds something that the schema does not know")
        else:
            check(item, others, f"{where}.{name}")
