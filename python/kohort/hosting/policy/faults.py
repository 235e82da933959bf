"""What is wrong with a policy file, in words: every fault, by the name of its field."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from kohort.hosting.policy.schema import Document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import ValidationError

_OUTPUTS = "outputs"


def faults_of(error: ValidationError, data: Mapping[str, Any]) -> list[str]:
    """Return one sentence for each field that is wrong, in the order of the file's sections."""
    grouped: dict[str, list[tuple[str, str, Any]]] = {}
    for entry in error.errors(include_url=False):
        where = _path(entry["loc"], data)
        grouped.setdefault(where, []).append((entry["type"], entry["msg"], entry.get("input")))
    return [_sentence(where, entries) for where, entries in grouped.items()]


def _path(location: Sequence[str | int], data: Any) -> str:
    """Return the dotted name of a field: pydantic also names the kind of value that it tried, which no file holds."""
    names: list[str] = []
    for step in location:
        if isinstance(data, dict) and isinstance(step, str):
            names.append(step)
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int):
            names.append(str(step + 1))
            data = data[step] if step < len(data) else None
        else:
            break
    return ".".join(names)


def _sentence(where: str, entries: Sequence[tuple[str, str, Any]]) -> str:
    kind, message, given = entries[0]
    if kind == "missing":
        return f"{where} is missing: write its value, or 'unknown' where that is not established"
    if kind == "extra_forbidden":
        near = get_close_matches(where.rpartition(".")[2], _siblings(where), n=1)
        return f"{where} is no field here" + (f": did you mean {near[0]}?" if near else ": leave it out")
    if kind == "value_error":
        return f"{where or 'the policy'}: {message.removeprefix('Value error, ')}"
    wanted = ", or ".join(dict.fromkeys(text.removeprefix("Input should be ") for _, text, _ in entries))
    return f"{where} must be {wanted}, got {given!r}"


def _siblings(where: str) -> list[str]:
    section = where.partition(".")[0]
    field = Document.model_fields.get(section)
    if "." not in where or field is None:
        return [*Document.model_fields, _OUTPUTS]
    annotation: Any = field.annotation
    for inner in (annotation, *getattr(annotation, "__args__", ())):
        if hasattr(inner, "model_fields"):
            return list(inner.model_fields)
    return []
