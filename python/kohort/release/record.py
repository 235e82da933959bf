"""The disclosure record: what was released under which rules, what an output checker signs; never a hidden value."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from kohort import _core
from kohort.errors import ArgumentError, IntegrityError
from kohort.release.protections import CellKeys, DifferentialPrivacy, Rounding
from kohort.release.rules import OutputRules

if TYPE_CHECKING:
    from kohort.release.released import Release, Status

FORMAT = "kohort-disclosure-1"
# Kinds of values that an output rule may have beside plain ones, by their name in a record.
PARTS: dict[str, type] = {kind.__name__: kind for kind in (Rounding, CellKeys, DifferentialPrivacy)}


def disclosure_record(release: Release, created: str) -> dict[str, Any]:
    """Return the record of a release whose files are written at a time; its schema is `schema/disclosure-1.json`."""
    context = dict(release.context)
    return {
        "format": FORMAT,
        "tool": {"name": "kohort", "version": _core.VERSION},
        "kind": release.kind,
        "title": release.title,
        "created": created,
        "plan_hash": context.pop("plan_hash", None),
        "snapshot": context.pop("snapshot", None),
        "parameters": context,
        "policy": policy_of(release.rules),
        "rules": [{"name": record.name, "did": record.did} for record in release.record],
        "cells": tallies(release),
        "table": {
            "dimensions": list(release.dimensions),
            "measures": _measures(release),
            "rows": [
                ({"levels": [list(level) for level in release.levels[row]]} if release.levels else {})
                | {
                    "labels": list(labels),
                    "values": list(values),
                    "statuses": list(marks),
                    "decided_by": list(map(list, by)),
                }
                for row, (labels, values, marks, by) in enumerate(
                    zip(release.labels, release.values, release.statuses, release.decisions, strict=True)
                )
            ],
        },
        "audit": {
            "cells": [None if cell is None else list(cell) for cell in release.cells],
            **({"sensitive": list(release.sensitive)} if release.sensitive else {}),
            "relations": [{"total": total, "parts": list(parts)} for total, parts in release.relations],
        },
    }


def tallies(release: Release) -> dict[str, dict[Status, int]]:
    """Count the cells of each status, by the kind of their measure."""
    found: dict[str, dict[Status, int]] = {"counts": release.status_counts("count")}
    if any(measure.kind == "magnitude" for measure in release.measures):
        found["magnitudes"] = release.status_counts("magnitude")
    return found | {"derived": release.status_counts("derived")}


def _measures(release: Release) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": measure.name, "kind": measure.kind, "decimals": measure.decimals} for measure in release.measures
    ]
    # Figures that were added to the released table, and follow from it as a whole, come last and have no needs.
    derived = [entry for entry in found if entry["kind"] == "derived"]
    for entry, needs in zip(derived, release.needs, strict=False):
        entry["needs"] = list(needs)
    return found


def policy_of(rules: Any) -> dict[str, Any]:
    """Return the output rules as they are written down; a secret among them stays where it is."""
    found: dict[str, Any] = {}
    for field in fields(rules):
        value = getattr(rules, field.name)
        if is_dataclass(value):
            found[field.name] = {"type": type(value).__name__, **policy_of(value)}
        elif value is None or isinstance(value, str | int | float | tuple):
            found[field.name] = value
    return found


def rules_of(policy: dict[str, Any]) -> OutputRules:
    """Return the output rules that were written down."""
    known = {field.name for field in fields(OutputRules)}
    strange = [name for name in policy if name not in known]
    if strange:
        raise IntegrityError(f"the policy names {strange[0]!r}, which this version of kohort does not know: update it")
    try:
        return OutputRules(**{name: _read(value) for name, value in policy.items()})
    except (ArgumentError, TypeError) as error:
        raise IntegrityError("the policy holds a value that no output rule can have") from error


def _read(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(_read, value))
    if isinstance(value, dict):
        kind = PARTS.get(str(value.get("type")))
        if kind is None:
            raise IntegrityError("the policy holds a part that this version of kohort does not know: update it")
        return kind(**{name: _read(part) for name, part in value.items() if name != "type"})
    return value


def written(record: dict[str, Any]) -> str:
    """Write a record as JSON that people can read as well: an entry of a long list on a line of its own."""

    def text(value: object, indent: str) -> str:
        if (
            isinstance(value, dict)
            and any(isinstance(item, dict | list) for item in value.values())
            and len(indent) < 4
        ):
            inside = (f"{indent}  {json.dumps(key)}: {text(item, indent + '  ')}" for key, item in value.items())
            return "{\n" + ",\n".join(inside) + f"\n{indent}}}"
        if isinstance(value, list) and any(isinstance(item, dict) for item in value):
            return "[\n" + ",\n".join(f"{indent}  {text(item, '    ')}" for item in value) + f"\n{indent}]"
        return json.dumps(value, ensure_ascii=False, allow_nan=False)

    return text(record, "") + "\n"
