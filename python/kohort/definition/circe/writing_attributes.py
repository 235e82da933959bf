"""Conditions on columns as attributes of Circe's criteria; what Circe has no attribute for is refused by its place."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from kohort.definition.circe.attributes import OPERATORS, TEXTS, abnormal
from kohort.definition.circe.tables import JOINED
from kohort.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kohort.definition.circe.tables import Attribute
    from kohort.definition.circe.writing_concepts import Numbers

BACK = {plan: circe for circe, plan in OPERATORS.items()}


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _fits(value: object, kind: str) -> bool:
    """Tell whether Circe keeps a value as it is."""
    if kind == "date":
        return _is_day(value)
    if kind == "decimal" and isinstance(value, float):
        return round(value, 4) == value
    return isinstance(value, int)


def _range(filter_: dict[str, Any], kind: str) -> dict[str, Any] | None:
    values = [filter_[name] for name in ("value", "extent") if name in filter_]
    if filter_["op"] not in BACK or not values or not all(_fits(value, kind) for value in values):
        return None
    return {"Op": BACK[filter_["op"]]} | dict(zip(("Value", "Extent"), values, strict=False))


def _text(filter_: dict[str, Any]) -> dict[str, Any] | None:
    if filter_["op"] not in ("like", "not_like"):
        return None
    text = filter_["value"]
    sign = "!" if filter_["op"] == "not_like" else ""
    for op, (before, after) in sorted(TEXTS.items()):  # "contains" first, since it needs both signs
        if len(text) >= len(before + after) and text.startswith(before) and text.endswith(after) and "\\'" not in text:
            return {"Op": f"{sign}{op}", "Text": text[len(before) : len(text) - len(after)]}
    return None


def _concepts(filter_: dict[str, Any]) -> list[dict[str, int]] | None:
    values = filter_.get("values")
    if not values or not all(isinstance(value, int) for value in values):
        return None
    return [{"CONCEPT_ID": value} for value in values]


def _selection(filter_: dict[str, Any], numbers: Numbers, path: str) -> dict[str, Any] | None:
    if filter_["op"] in ("null", "not_null"):
        return {"IsExclusion": filter_["op"] == "null"}
    if "codes" not in filter_:
        return None
    return {"CodesetId": numbers.of(filter_["codes"], path), "IsExclusion": filter_["op"] == "not_in"}


def _said(attribute: Attribute, filter_: dict[str, Any], numbers: Numbers, path: str) -> dict[str, Any] | None:
    """Say a condition with an attribute, where that can."""
    if "any" in filter_:
        return {attribute.name: True} if attribute.kind == "abnormal" and filter_ == abnormal() else None
    if filter_["column"] != attribute.column:
        return None
    found: Any = None
    match attribute.kind:
        case "date" | "whole" | "decimal" | "gap":
            found = _range(filter_, attribute.kind)
        case "text":
            found = _text(filter_)
        case "selection":
            found = _selection(filter_, numbers, path)
        case "set" if filter_["op"] == "in" and "codes" in filter_:
            found = numbers.of(filter_["codes"], path)
        case "typed" if filter_["op"] == "not_in" and (concepts := _concepts(filter_)):
            return {attribute.name: concepts, attribute.exclusion: True}
        case "concepts" | "typed" if filter_["op"] == "in":
            found = _concepts(filter_)
    return None if found is None else {attribute.name: found}


def attributes(
    known: Sequence[Attribute], where: Sequence[dict[str, Any]], path: str, numbers: Numbers
) -> dict[str, Any]:
    """Say conditions with the attributes that there are, each once and in the order of the table as far as it goes."""
    fields: dict[str, Any] = {}
    free, last = dict(enumerate(known)), -1
    left = list(enumerate(where))
    while left:
        place, filter_ = left.pop(0)
        here = f"{path}[{place}]"
        negative = filter_.get("op") == "null" or (filter_.get("op") == "not_in" and "codes" in filter_)
        joined = JOINED.get(filter_["column"]) if negative else None
        if joined and (not left or left.pop(0)[1] != {"column": joined, "op": "not_null"}):
            raise DefinitionError(
                f"{here} asks what {filter_['column']} is not, where Circe also asks that {joined} be known: "
                f"add that condition after it."
            )
        for slot in sorted(free, key=lambda slot: (slot < last, slot)):
            said = _said(free[slot], filter_, numbers, here)
            if said is not None:
                fields |= said
                last = slot
                del free[slot]
                break
        else:
            what = " or ".join(dict.fromkeys(part.get("column", "") for part in filter_.get("any", [filter_])))
            raise DefinitionError(f"{here} tests {what} in a way for which Circe has no attribute: leave it out.")
    if "GapDays" in fields and fields.get("EraLength", fields["GapDays"]) != fields["GapDays"]:
        raise DefinitionError(
            f"{path} asks different things of gap_days and length, where Circe tests both against one range: "
            f"leave one out."
        )
    return fields
