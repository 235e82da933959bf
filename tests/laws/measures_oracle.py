"""What is measured of a cohort, person by person and day by day: slow, and meant to be obviously right.

Written from the docstrings of `Result.incidence` and `Result.characterize`.
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from oracle import DAY, Row, age, days_of, in_window, period_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from random_cohorts import Query, Window
    from random_worlds import Person, World

Spells = list[tuple[str, "date", "date"]]
SEXES = ("male", "female", "unknown")


class Incidence(NamedTuple):
    """By stratum: persons at risk, persons with the outcome, days at risk."""

    persons: Counter[int]
    events: Counter[int]
    days: Counter[int]


def each_person(spells: Spells, world: World) -> Iterator[tuple[Person, Spells]]:
    """Give each person of a cohort with their spells."""
    persons = {person.name: person for person in world.persons}
    for name, own in groupby(sorted(spells), key=lambda spell: spell[0]):
        yield persons[name], list(own)


def levels(variable: dict[str, Any]) -> int:
    """Count the levels of a variable: below the first edge, and from each edge on; or the sexes."""
    return len(SEXES) if variable["kind"] == "sex" else len(variable["edges"]) + 1


def stratum(person: Person, on: date, by: list[dict[str, Any]]) -> int:
    """Number the stratum of a person on a day, the last variable changing fastest."""
    number = 0
    for variable in by:
        if variable["kind"] == "sex":
            level = SEXES.index(person.sex)
        else:
            value = age(person, on) if variable["kind"] == "age" else on.year
            level = len([edge for edge in variable["edges"] if edge <= value])
        number = number * levels(variable) + level
    return number


def incidence(  # noqa: PLR0917
    spells: Spells, outcome: Query, by: list[dict[str, Any]], washout: int | None, lag: int, world: World
) -> Incidence:
    """Follow each person day by day."""
    tally = Incidence(Counter(), Counter(), Counter())
    for person, own in each_person(spells, world):
        at_risk = sorted(
            start + n * DAY
            for _, start, end in own
            for n in range(lag, (end - start).days + 1)
            if person.died is None or start + n * DAY <= person.died
        )
        if not at_risk:
            continue
        first = at_risk[0]
        outcomes = days_of(outcome, person, world)
        if any(on < first and (washout is None or (first - on).days <= washout) for on in outcomes):
            continue
        until = min((on for on in outcomes if on >= first), default=None)
        cell = stratum(person, first, by)
        tally.persons[cell] += 1
        tally.events[cell] += until in at_risk
        tally.days[cell] += len([on for on in at_risk if until is None or on <= until])
    return tally


def survival(  # noqa: PLR0917
    spells: Spells, outcome: Query, by: list[dict[str, Any]], washout: int | None, lag: int, world: World
) -> Counter[tuple[int, int, bool]]:
    """Follow each person from day to day until the outcome or the first day that is not at risk."""
    tally: Counter[tuple[int, int, bool]] = Counter()
    for person, own in each_person(spells, world):
        at_risk = {
            start + n * DAY
            for _, start, end in own
            for n in range(lag, (end - start).days + 1)
            if person.died is None or start + n * DAY <= person.died
        }
        if not at_risk:
            continue
        first = min(at_risk)
        outcomes = set(days_of(outcome, person, world))
        if any(on < first and (washout is None or (first - on).days <= washout) for on in outcomes):
            continue
        on = first
        while on not in outcomes and on + DAY in at_risk:
            on += DAY
        tally[stratum(person, first, by), (on - first).days, on in outcomes] += 1
    return tally


def prevalence(
    spells: Spells, sick: dict[str, set[date]], period: tuple[date, date], by: list[dict[str, Any]], world: World
) -> tuple[Counter[int], Counter[int]]:
    """Count who is present on a day of the period, and who is sick on such a day."""
    persons: Counter[int] = Counter()
    cases: Counter[int] = Counter()
    days = [period[0] + n * DAY for n in range((period[1] - period[0]).days + 1)]
    for person, own in each_person(spells, world):
        present = [
            on
            for on in days
            if (person.died is None or on <= person.died) and any(start <= on <= end for _, start, end in own)
        ]
        if present:
            cell = stratum(person, present[0], by)
            persons[cell] += 1
            cases[cell] += not sick.get(person.name, set()).isdisjoint(present)
    return persons, cases


def persons_by(spells: Spells, by: list[dict[str, Any]], world: World) -> Counter[int]:
    """Count persons by stratum on their first day."""
    return Counter(stratum(person, own[0][1], by) for person, own in each_person(spells, world))


def persons_with(spells: Spells, query: Query, window: Window, world: World) -> int:
    """Count persons who have an event in a window around their first day."""
    found = 0
    for person, own in each_person(spells, world):
        first = own[0][1]
        period = period_of(person, first, first, world)
        assert period is not None, "the entry saw to it"
        found += any(in_window(on, Row(person, first, period), window) for on in days_of(query, person, world))
    return found
