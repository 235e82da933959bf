"""Circe's criteria, windows and groups as parts of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kohort.definition import checks
from kohort.definition.circe.attributes import filters
from kohort.definition.circe.reading import (
    below,
    chosen,
    day,
    each,
    flag,
    needed,
    record,
    whole,
    whole_or,
    word,
)
from kohort.definition.circe.tables import COUNTED, CRITERIA, DEMOGRAPHIC, Criteria
from kohort.errors import DefinitionError

if TYPE_CHECKING:
    from kohort.definition.circe.concepts import ConceptSets

EVERYBODY: dict[str, Any] = {"kind": "where", "where": []}  # an empty group holds
GROUP = ("Type", "Count", "CriteriaList", "DemographicCriteriaList", "Groups")
CORRELATED = ("Criteria", "StartWindow", "EndWindow", "RestrictVisit", "IgnoreObservationPeriod", "Occurrence")
SIDES = {"START_DATE": "start", "END_DATE": "end"}
NOT_EARLIER = {"column": "length", "op": "ge", "value": 0}


def _opened(value: object, path: str) -> tuple[Criteria, dict[str, Any], str]:
    """Take the one criterion that an object wraps, by its class."""
    if not isinstance(value, dict) or len(value) != 1:
        raise DefinitionError(
            f'{path} is no object with one criterion: write one, as in {{"DrugExposure": {{"CodesetId": 0}}}}.'
        )
    [(name, content)] = value.items()
    if name not in CRITERIA:
        raise DefinitionError(f"{below(path, name)} is no criterion of Circe: {checks.hint(name, [*CRITERIA])}.")
    kind, here = CRITERIA[name], below(path, name)
    fields = record(content, here, kind.fields)
    for refused in kind.refused:
        if fields.get(refused) is not None:
            raise DefinitionError(
                f"{below(here, refused)} asks where a care site has been, which kohort cannot: leave it out, "
                f"or use PlaceOfServiceCS."
            )
    return kind, fields, here


def _shift(value: object, path: str, *, death: bool) -> dict[str, Any]:
    fields = record(value, path, ("StartWith", "StartOffset", "EndWith", "EndOffset"))
    found = {}
    for end, name in (("start", "Start"), ("end", "End")):
        # Circe has one way to adjust a death, whatever it is told to start with.
        with_, default = below(path, f"{name}With"), f"{name.upper()}_DATE"
        given = default if death else fields.get(f"{name}With") or default
        side = SIDES[chosen(given, with_, SIDES)]
        found[end] = {"of": side, "days": whole_or(0, fields.get(f"{name}Offset"), below(path, f"{name}Offset"))}
    return found


def _period(value: object, path: str) -> list[str | None]:
    fields = record(value, path, ("StartDate", "EndDate"))
    return [
        None if fields.get(name) is None else day(fields[name], below(path, name)) for name in ("StartDate", "EndDate")
    ]


def period(value: object, path: str) -> list[str | None]:
    """Translate a period of calendar days, either of which may be open."""
    return [None, None] if value is None else _period(value, path)


def events(value: object, path: str, sets: ConceptSets) -> dict[str, Any]:
    """Translate a criterion into the events that it names."""
    kind, fields, here = _opened(value, path)
    first = kind.first and flag(fields.get("First"), below(here, "First"))
    plan: dict[str, Any] = {"domain": kind.domain, "codes": None, "occurrence": "first" if first else "all"}
    if kind.codes and fields.get(kind.codes) is not None:
        plan["codes"] = sets.reference(fields[kind.codes], below(here, kind.codes))
    if kind.source and fields.get(kind.source) is not None:
        plan["source_codes"] = sets.reference(fields[kind.source], below(here, kind.source))
    where = filters(kind.attributes, fields, here, sets)
    if kind.adjusted and fields.get("DateAdjustment") is not None:
        death = kind.domain == "death_cause"
        shift = _shift(fields["DateAdjustment"], below(here, "DateAdjustment"), death=death)
        plan["shift"] = shift
        where.insert(0, NOT_EARLIER)
    if where:
        plan["where"] = where
    if kind.period and fields.get("UserDefinedPeriod") is not None:
        plan["fixed"] = _period(fields["UserDefinedPeriod"], below(here, "UserDefinedPeriod"))
    plan["ends"] = kind.ends
    if fields.get("CorrelatedCriteria") is not None:
        nested = group(fields["CorrelatedCriteria"], below(here, "CorrelatedCriteria"), sets)
        # Circe skips a group without a criterion, which would otherwise ask for an observation period.
        plan |= {"having": nested} if nested != EVERYBODY else {}
    return plan


def _bound(value: object, path: str, *, observed: bool) -> int | str | None:
    fields = record(value, path, ("Days", "Coeff"))
    side = whole_or(0, fields.get("Coeff"), below(path, "Coeff"))
    if fields.get("Days") is not None:
        return side * whole(fields["Days"], below(path, "Days"))
    if not observed:
        return None
    return "period_start" if side == -1 else "period_end"


def _window(value: object, path: str, *, observed: bool, event: str) -> dict[str, Any]:
    """Translate a window; `event` is the day of the event that it means when it does not say."""
    fields = record(value, path, ("Start", "End", "UseIndexEnd", "UseEventEnd"))
    start = _bound(needed(fields, path, "Start"), below(path, "Start"), observed=observed)
    end = _bound(needed(fields, path, "End"), below(path, "End"), observed=observed)
    if fields.get("UseEventEnd") is not None:
        event = "end" if flag(fields["UseEventEnd"], below(path, "UseEventEnd")) else "start"
    index = "end" if flag(fields.get("UseIndexEnd"), below(path, "UseIndexEnd")) else "start"
    return {"from": start, "to": end, "of": event, "index": index}


def _counted(fields: dict[str, Any], path: str, domain: str) -> str | dict[str, str]:
    if not flag(fields.get("IsDistinct"), below(path, "IsDistinct")):
        return "events"
    if fields.get("CountColumn") is None:
        return {"distinct": "code"}
    name = chosen(fields["CountColumn"], below(path, "CountColumn"), COUNTED)
    own = next(kind.counted for kind in CRITERIA.values() if kind.domain == domain)
    return {"distinct": own.get(name, COUNTED[name])}


def _correlated(value: object, path: str, sets: ConceptSets) -> dict[str, Any]:
    fields = record(value, path, CORRELATED)
    observed = not flag(fields.get("IgnoreObservationPeriod"), below(path, "IgnoreObservationPeriod"))
    asked = events(needed(fields, path, "Criteria"), below(path, "Criteria"), sets)
    window = _window(needed(fields, path, "StartWindow"), below(path, "StartWindow"), observed=observed, event="start")
    here = below(path, "Occurrence")
    occurrence = record(needed(fields, path, "Occurrence"), here, ("Type", "Count", "IsDistinct", "CountColumn"))
    kind = whole_or(0, occurrence.get("Type"), below(here, "Type"))
    count = whole_or(0, occurrence.get("Count"), below(here, "Count"))
    if kind not in (0, 1, 2) or count < 0:
        raise DefinitionError(
            f"{here} has the type {kind} and the count {count}: write 0 (exactly), 1 (at most) or 2 (at least), "
            f"and a count of 0 or more."
        )
    counted = _counted(occurrence, here, asked["domain"])
    if (kind, count) == (2, 0):  # nothing is asked of events that need not be there
        return EVERYBODY
    plan = {
        "kind": "events",
        "events": asked,
        "window": window,
        "observed": observed,
        "count": {
            "of": counted,
            "at_least": count if kind in (0, 2) and count else None,
            "at_most": count if kind in (0, 1) else None,
        },
    }
    if fields.get("EndWindow") is not None:
        plan["end_window"] = _window(fields["EndWindow"], below(path, "EndWindow"), observed=observed, event="end")
    if flag(fields.get("RestrictVisit"), below(path, "RestrictVisit")):
        plan["same_stay"] = True
    return plan


def _demographic(value: object, path: str, sets: ConceptSets) -> dict[str, Any]:
    fields = record(value, path, tuple(attribute.name for attribute in DEMOGRAPHIC))
    return {"kind": "where", "where": filters(DEMOGRAPHIC, fields, path, sets)}


def group(value: object, path: str, sets: ConceptSets) -> dict[str, Any]:
    """Translate a group of criteria; one without a criterion holds for everybody."""
    fields = record(value, path, GROUP)
    of = [
        *each(fields.get("CriteriaList"), below(path, "CriteriaList"), lambda one, at: _correlated(one, at, sets)),
        *each(
            fields.get("DemographicCriteriaList"),
            below(path, "DemographicCriteriaList"),
            lambda one, at: _demographic(one, at, sets),
        ),
        *each(fields.get("Groups"), below(path, "Groups"), lambda one, at: group(one, at, sets)),
    ]
    if not of:
        return EVERYBODY
    here = below(path, "Type")
    kind = chosen(word(needed(fields, path, "Type"), here), here, ("ALL", "ANY", "AT_LEAST", "AT_MOST")).lower()
    if kind in ("all", "any"):
        return {"kind": kind, "of": of}
    return {"kind": kind, "n": whole(needed(fields, path, "Count"), below(path, "Count")), "of": of}
