"""Why one person is in a cohort or not, criterion by criterion; for work inside the secure environment."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from kohort.definition import EventCriterion, Group, Not, Threshold
from kohort.display import card, note

if TYPE_CHECKING:
    from kohort.definition import Cohort, Criterion

EPOCH = date(1970, 1, 1)
#: A wide blank, which HTML does not fold.
INDENT = "\u2003"


def _day(number: int) -> str:
    return (EPOCH + timedelta(days=number)).isoformat()


@dataclass(frozen=True, slots=True, repr=False)
class Why:
    """The way of one person through a definition; made by :meth:`kohort.Result.why`. Row-level: it must not leave.

    Attributes
    ----------
    person_id
        The person, as the warehouse names it.
    included
        Whether the person is in the cohort.
    lines
        The explanation, line by line, each with its depth.
    """

    person_id: str
    included: bool
    lines: tuple[tuple[int, str], ...]

    def __str__(self) -> str:
        head = f"{'In' if self.included else 'Not in'} the cohort"
        return "\n".join([head, *(f"{'  ' * (depth + 1)}{line}" for depth, line in self.lines)])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        indented = (INDENT * depth + line for depth, line in self.lines)
        return card("In the cohort" if self.included else "Not in the cohort", *indented, note("Row-level data."))


def explain(definition: Cohort, person_id: str, found: str) -> Why:
    """Put what the core tells of a person into sentences."""
    told: dict[str, Any] = json.loads(found)
    lines: list[tuple[int, str]] = []
    if not told["events"]:
        lines.append((0, "no entry event"))
    for event in told["events"]:
        lines.append((0, f"entry event on {_day(event['day'])}: {_fate(event)}"))
        for row in told["rows"]:
            if row["day"] == event["day"]:
                lines += _row(definition, row)
    lines += [(0, f"in the cohort from {_day(first)} to {_day(last)}") for first, last in told["members"]]
    return Why(person_id, bool(told["members"]), tuple(dict.fromkeys(lines)))


def _fate(event: dict[str, bool]) -> str:
    if not event["in_calendar"]:
        return "outside the calendar window"
    if not event["observed"]:
        return "not observed long enough"
    return "asked of every rule" if event["qualified"] else "left by the limit of entry events or the qualification"


def _row(definition: Cohort, row: dict[str, Any]) -> list[tuple[int, str]]:
    first, last = row["period"]
    lines = [(1, f"observed from {_day(first)} to {_day(last)}")]
    for rule, verdict in zip(definition.rules, row["rules"], strict=True):
        kind = "" if rule.kind == "require" else " (to exclude)"
        lines.append((1, f"{'passes' if verdict['holds'] else 'fails'} \u201c{rule.name}\u201d{kind}"))
        lines += _verdict(rule.when, verdict["of"][0], 2)
    return lines


def _verdict(criterion: Criterion, verdict: dict[str, Any], depth: int) -> list[tuple[int, str]]:
    word = "true" if verdict["holds"] else "false"
    match criterion:
        case Group(kind=kind, of=of):
            head = f"{word}: {kind} of"
        case Threshold(kind=kind, n=n, of=of):
            head = f"{word}: {kind.replace('_', ' ')} {n} of"
        case Not(of=inner):
            head, of = f"{word}: not", (inner,)
        case _:
            counted = f" (counted: {verdict['count']})" if isinstance(criterion, EventCriterion) else ""
            return [(depth, f"{word}: {criterion}{counted}")]
    lines = [(depth, head)]
    for inner, of_inner in zip(of, verdict["of"], strict=True):
        lines += _verdict(inner, of_inner, depth + 1)
    return lines
