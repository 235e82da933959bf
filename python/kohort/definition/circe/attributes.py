"""Attributes of Circe's criteria as conditions on columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kohort.definition import checks
from kohort.definition.circe.reading import below, concept, day, decimal, each, flag, needed, record, whole, word
from kohort.definition.circe.tables import JOINED
from kohort.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kohort.definition.circe.concepts import ConceptSets
    from kohort.definition.circe.tables import Attribute

OPERATORS = {
    "lt": "lt",
    "lte": "le",
    "eq": "eq",
    "!eq": "ne",
    "gt": "gt",
    "gte": "ge",
    "bt": "between",
    "!bt": "outside",
}
TEXTS = {"startsWith": ("", "%"), "endsWith": ("%", ""), "contains": ("%", "%")}
ABNORMAL = (4155142, 4155143)  # the concepts "abnormal" and "abnormal result", as Circe has them in its code


def abnormal() -> dict[str, Any]:
    """Write what Circe calls abnormal: a value outside its range, or a concept that says so."""
    value = "value_as_number"
    return {
        "any": [
            {"column": value, "op": "lt", "other": "range_low"},
            {"column": value, "op": "gt", "other": "range_high"},
            {"column": "value_as_concept_id", "op": "in", "values": list(ABNORMAL)},
        ]
    }


def _range(column: str, value: object, path: str, read: Callable[[object, str], Any]) -> dict[str, Any]:
    fields = record(value, path, ("Value", "Op", "Extent"))
    op = word(needed(fields, path, "Op"), below(path, "Op"))
    if op not in OPERATORS:
        raise DefinitionError(
            f"{below(path, 'Op')} is {checks.show(op)}, which Circe does not know: {checks.hint(op, [*OPERATORS])}."
        )
    plan = {
        "column": column,
        "op": OPERATORS[op],
        "value": read(needed(fields, path, "Value"), below(path, "Value")),
    }
    if op.endswith("bt"):
        plan["extent"] = read(needed(fields, path, "Extent"), below(path, "Extent"))
    return plan


def _text(column: str, value: object, path: str) -> dict[str, Any]:
    fields = record(value, path, ("Text", "Op"))
    op = word(needed(fields, path, "Op"), below(path, "Op"))
    if op.removeprefix("!") not in TEXTS:
        raise DefinitionError(
            f"{below(path, 'Op')} is {checks.show(op)}, which Circe does not know: {checks.hint(op, [*TEXTS])}."
        )
    before, after = TEXTS[op.removeprefix("!")]
    # Circe drops what escapes a quote.
    text = re.sub(r"\\*'", "'", word(needed(fields, path, "Text"), below(path, "Text")))
    return {"column": column, "op": "not_like" if op.startswith("!") else "like", "value": f"{before}{text}{after}"}


def _selection(column: str, value: object, path: str, sets: ConceptSets) -> list[dict[str, Any]]:
    fields = record(value, path, ("CodesetId", "IsExclusion"))
    excluded = flag(fields.get("IsExclusion"), below(path, "IsExclusion"))
    if fields.get("CodesetId") is not None:
        codes = sets.reference(fields["CodesetId"], below(path, "CodesetId"))
        found = [{"column": column, "op": "not_in" if excluded else "in", "codes": codes}]
    else:
        found = [{"column": column, "op": "null" if excluded else "not_null"}]
    # Circe joins the table that has the column: what belongs to no stay or site is out, also where nothing is listed.
    return [*found, {"column": JOINED[column], "op": "not_null"}] if excluded and column in JOINED else found


def _filters(attribute: Attribute, fields: dict[str, Any], path: str, sets: ConceptSets) -> list[dict[str, Any]]:
    value, here, column = fields[attribute.name], below(path, attribute.name), attribute.column
    match attribute.kind:
        case "selection":
            return _selection(column, value, here, sets)
        case "set":
            return [{"column": column, "op": "in", "codes": sets.reference(value, here)}]
        case "abnormal":
            return [abnormal()] if flag(value, here) else []
        case "concepts" | "typed":
            values = each(value, here, concept)
            typed = attribute.kind == "typed"
            turned = typed and flag(fields.get(attribute.exclusion), below(path, attribute.exclusion))
            return [{"column": column, "op": "not_in" if turned else "in", "values": values}] if values else []
        case "text":
            return [_text(column, value, here)]
        case _:
            return [_compared(attribute, fields, path)]


def _compared(attribute: Attribute, fields: dict[str, Any], path: str) -> dict[str, Any]:
    name, read = attribute.name, {"date": day, "decimal": decimal}.get(attribute.kind, whole)
    # Circe tests gap days against the range of the era's length; without one its SQL cannot be built.
    if attribute.kind == "gap" and fields.get("EraLength") is not None:
        name = "EraLength"
    return _range(attribute.column, fields[name], below(path, name), read)


def filters(
    attributes: Iterable[Attribute], fields: dict[str, Any], path: str, sets: ConceptSets
) -> list[dict[str, Any]]:
    """Translate the attributes that a criterion has, in the order of the table."""
    found = []
    for attribute in attributes:
        if fields.get(attribute.name) is not None:
            found += _filters(attribute, fields, path, sets)
    return found
