"""The meaning of a cohort definition, person by person and day by day: slow, and meant to be obviously right.

Written from docs/plan.md alone. Nothing here knows of shards, runs, columns or the plan's JSON.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from random_cohorts import COMPARE, Age, CodeSet, Counted, Definition, Query, Sex

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from random_worlds import Person, World

DAY = timedelta(days=1)


class Row(NamedTuple):
    """A person, an index day, and the observation period that holds it."""

    person: Person
    index: date
    period: tuple[date, date]


class Answer(NamedTuple):
    """Who is in the cohort from when to when, and (name, persons, rows) after each step."""

    rows: list[tuple[str, date, date]]
    attrition: list[tuple[str, int, int]]


def normal(vocabulary: str, code: str) -> str:
    """Write a code as its vocabulary does: ATC and ICD-10 in capitals, ICD-10 without its dot."""
    if vocabulary == "ICD10":
        code = code.replace(".", "")
    return code.upper() if vocabulary in ("ATC", "ICD10") else code


def matches(code: str, pattern: str, codes: CodeSet, world: World, *, descendants: bool) -> bool:
    """Tell whether a pattern picks a code."""
    bare = normal(codes.vocabulary, pattern.rstrip("*+"))
    if pattern.endswith("*"):
        return code.startswith(bare)
    if pattern.endswith("+") or descendants:
        return code == bare or (codes.vocabulary, bare, code) in world.descents
    return code == bare


def has_code(code: str, codes: CodeSet | None, world: World) -> bool:
    """Tell whether a code is in a set: picked by one pattern, and by none that is taken away."""
    if codes is None:
        return True
    return any(
        matches(code, pattern, codes, world, descendants=codes.descendants) for pattern in codes.include
    ) and not any(matches(code, pattern, codes, world, descendants=False) for pattern in codes.exclude)


def days_of(query: Query, person: Person, world: World) -> list[date]:
    """List the days on which the person has such an event, one entry an event."""
    if query.domain == "death":
        found = [] if person.died is None else [person.died]
    else:
        events = [event for event in world.events[query.domain] if event.person == person.name]
        found = sorted(event.start for event in events if has_code(event.code, query.codes, world))
    return found[:1] if query.first else found


def compare(number: int, how: str, n: int, m: int) -> bool:
    """Compare as the builders' signs do; `between` has both its ends."""
    return n <= number <= m if how == "between" else COMPARE[how](number, n)


def age(person: Person, on: date) -> int:
    """Count the birthdays so far, each on the first of the birth month; below zero before birth."""
    return on.year - person.born.year - (on.month < person.born.month)


def in_window(on: date, row: Row, window: Any) -> bool:
    """Tell whether a day lies in a window around the index day, and in the period where only that counts."""
    start, end = {"before": (None, -1), "after": (1, None), "on_index": (0, 0)}.get(
        window.kind, (window.start, window.end)
    )
    away = (on - row.index).days
    observed = window.kind == "on_index" or window.observed
    return (
        (start is None or start <= away)
        and (end is None or away <= end)
        and (not observed or row.period[0] <= on <= row.period[1])
    )


def holds(criterion: Any, row: Row, world: World) -> bool:
    """Tell whether a criterion is true of a row."""
    match criterion:
        case Counted():
            days = [on for on in days_of(criterion.query, row.person, world) if in_window(on, row, criterion.window)]
            if criterion.of == "any":
                return len(days) > 0
            if criterion.of == "none":
                return len(days) == 0
            number = len(days) if criterion.of == "count" else len(set(days))
            return compare(number, criterion.compare, criterion.n, criterion.m)
        case Age():
            return compare(age(row.person, row.index), criterion.compare, criterion.n, criterion.m)
        case Sex():
            names = [{"F": "female", "M": "male"}.get(name, name) for name in criterion.names]
            if criterion.compare == "==":
                return row.person.sex == names[0]
            if criterion.compare == "!=":
                return row.person.sex != names[0]
            return row.person.sex in names
    true = sum(holds(part, row, world) for part in criterion.of)
    return {
        "all": true == len(criterion.of),
        "and": true == len(criterion.of),
        "any": true >= 1,
        "or": true >= 1,
        "at_least": true >= criterion.n,
        "at_most": true <= criterion.n,
        "not": true == 0,
    }[criterion.how]


def period_of(person: Person, first: date, last: date, world: World) -> tuple[date, date] | None:
    """Find the period that holds both days; of several the one that began first, then the one that ended first."""
    found = [
        (start, end) for name, start, end in world.periods if name == person.name and start <= first and last <= end
    ]
    return min(found, default=None)


def covered_days(event: Any, *, with_ends: bool) -> set[date]:
    """List the days a delivery lasts: to its end, else for its days of supply, else its first day alone."""
    last = event.start
    if with_ends and event.end is not None:
        last = event.end
    elif with_ends and event.supply is not None and event.supply > 0:
        last = event.start + (event.supply - 1) * DAY
    return {event.start + n * DAY for n in range((last - event.start).days + 1)}


def end_of_era(days: Iterable[date], gap: int, index: date) -> date:
    """Find the last day of the era that holds the index day; that day itself where none does."""
    eras: list[list[date]] = []
    for on in sorted(days):
        if eras and (on - eras[-1][-1]).days - 1 <= gap:
            eras[-1].append(on)
        else:
            eras.append([on])
    holding = [era for era in eras if era[0] <= index <= era[-1]]
    return holding[0][-1] if holding else index


def end_of(row: Row, definition: Definition, world: World) -> date:
    """Find the last day of a row."""
    end, exit_ = row.period[1], definition.exit
    if exit_.kind == "fixed":
        end = min(end, row.index + exit_.days * DAY)
    if exit_.kind == "supply":
        sets = [query.codes for query in definition.entry if query.domain == exit_.domain]
        if exit_.codes is not None:
            sets = [exit_.codes]
        days: set[date] = set()
        for event in world.events[exit_.domain]:
            if event.person == row.person.name and any(has_code(event.code, codes, world) for codes in sets):
                days |= covered_days(event, with_ends=world.with_ends[exit_.domain])
        end = min(end, end_of_era(days, exit_.days, row.index))
    for query in definition.censor:
        later = [on for on in days_of(query, row.person, world) if on >= row.index]
        end = min([end, *later])
    return end


def join(spells: list[tuple[str, date, date]]) -> list[tuple[str, date, date]]:
    """Join a person's spells that share a day, until no two do."""
    spells = list(spells)
    for a in spells:
        for b in spells:
            if a is not b and a[0] == b[0] and a[1] <= b[2] and b[1] <= a[2]:
                rest = [spell for spell in spells if spell is not a and spell is not b]
                return join([*rest, (a[0], min(a[1], b[1]), max(a[2], b[2]))])
    return sorted(spells)


def evaluate(definition: Definition, world: World) -> Answer:
    """Follow the steps of docs/plan.md, one after the other."""
    steps: list[tuple[str, int, int]] = []

    def note(name: str, rows: Iterable[Any]) -> None:
        rows = list(rows)
        steps.append((name, len({row[0] for row in rows}), len(rows)))

    entries = {
        (person, on) for person in world.persons for query in definition.entry for on in days_of(query, person, world)
    }
    note("entry events", entries)
    first, last = definition.between or (None, None)
    if (first, last) != (None, None):
        entries = {
            (person, on) for person, on in entries if (first is None or first <= on) and (last is None or on <= last)
        }
        note("in the calendar window", entries)
    rows = []
    for person, on in sorted(entries, key=lambda entry: (entry[0].name, entry[1])):
        period = period_of(person, on - definition.before * DAY, on + definition.after * DAY, world)
        if period is not None:
            rows.append(Row(person, on, period))
    note("under observation", rows)
    for number, (kind, criterion) in enumerate(definition.rules):
        rows = [row for row in rows if holds(criterion, row, world) == (kind == "require")]
        note(f"rule {number}", rows)
    if definition.limit != "all":
        pick = min if definition.limit == "first" else max
        rows = [row for row in rows if row.index == pick(other.index for other in rows if other.person == row.person)]
        note(f"{definition.limit} entry", rows)
    return Answer(join([(row.person.name, row.index, end_of(row, definition, world)) for row in rows]), steps)
