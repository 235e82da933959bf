"""Incidence rates: persons, events and person-time over a cross of dimensions, with margins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kohort.release.cross import levels_of
from kohort.release.gate import Amount, Derived, protect_table
from kohort.release.poisson import poisson_interval
from kohort.release.released import Measure
from kohort.release.rules import OutputRules
from kohort.release.shares import read_cells, sums_of, whole_and_part
from kohort.release.standardized import with_standardized

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kohort.release.cross import Key
    from kohort.release.gate import Memory
    from kohort.release.released import Number, Release

DAYS_PER_YEAR = 365.25


def release_incidence(
    rows: Iterable[Sequence[object]],
    dimensions: Mapping[str, Sequence[str]] | Sequence[str],
    *,
    standardize: str | None = None,
    rules: OutputRules | None = None,
    context: Mapping[str, str] | None = None,
    title: str = "Incidence",
    people: Mapping[Key, tuple[Any, Any]] | None = None,
    memory: Memory | None = None,
) -> Release:
    """Release incidence rates per 1,000 person-years with exact Poisson 95 % intervals.

    Margins named "Total" are added on every dimension and combination. Persons, persons with the event and persons
    without it are protected as one table. Person-years need the persons of their row to be shown, rates the events too.
    Person-years cannot be worked out for a cell of few persons: they add up along the same lines as persons and are
    hidden in the same cells, and no combination of those lines isolates a small cell.

    Parameters
    ----------
    rows
        Exact counts of cells, each once: a label per dimension, then persons, persons with the event, person-days.
    dimensions
        Names of the dimensions, or names with their ordered labels; combinations without a row hold nobody.
    standardize
        "european_2013" for directly standardized rates of the rows of all ages, from the shown rates of a dimension
        "age"; its labels are like "<20", "20-29" and "90+".
    rules, context, title, memory
        See `protect_table`.
    people
        The persons at risk and those with the event, for each cell that is no margin; for `memory`.

    Returns
    -------
    Release
        Columns `persons`, `events`, `person_years` (of 365.25 days), `rate` (per 1,000 person-years), `rate_low` and
        `rate_high` (its limits); with `standardize` also `standardized_rate`, `standardized_low`, `standardized_high`.

    Raises
    ------
    ArgumentError
        If a row is given twice, has another number of entries, or more events than persons.

    References
    ----------
    Garwood F. Fiducial limits for the Poisson distribution. Biometrika 28 (1936).

    Examples
    --------
    >>> rel = release_incidence([("f", 400, 40, 146_100), ("m", 300, 30, 109_575)], ["sex"])
    >>> rel.to_polars()["rate"].to_list()
    [100.0, 100.0, 100.0]
    """
    cells = read_cells(rows, len(dimensions), ("persons", "events", "person-days"))
    levels = levels_of(dimensions, cells)
    sums = sums_of(cells, levels, 3)
    exact = whole_and_part(sums, levels, ("persons", "events"), people)
    exact.derived = _figures(sums)
    rules = rules or OutputRules()
    release = protect_table(exact, title=title, kind="incidence", rules=rules, context=context, memory=memory)
    return release if standardize is None else with_standardized(release, standardize)


def _figures(sums: Mapping[Key, Sequence[float]]) -> list[Derived]:
    years = [days / DAYS_PER_YEAR for _, _, days in sums.values()]
    amount = Amount("person-years", years.__getitem__, "persons")

    def per_thousand(name: str, of: Callable[[int], float]) -> Derived:
        def formula(_: int, counts: Sequence[float]) -> Number:
            return round(1000 * of(int(counts[1])) / counts[2], 2) if counts[2] > 0 else None

        return Derived(Measure(name, "derived", 2), ("persons", "events"), formula, amount)

    return [
        Derived(Measure("person_years", "derived", 1), ("persons",), lambda _, counts: round(counts[1], 1), amount),
        per_thousand("rate", float),
        per_thousand("rate_low", lambda events: poisson_interval(events)[0]),
        per_thousand("rate_high", lambda events: poisson_interval(events)[1]),
    ]
