"""Incidence rates: persons, events and person-time over a cross of dimensions, with margins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort.errors import ArgumentError
from kohort.release.cross import covering, keys_with_margins, levels_of, lines, reluctance
from kohort.release.gate import Amount, Derived, Exact, protect_table
from kohort.release.poisson import poisson_interval
from kohort.release.released import Measure
from kohort.release.rules import OutputRules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kohort.release.cross import Key
    from kohort.release.released import Number, Release

DAYS_PER_YEAR = 365.25
# Persons are the denominator of everything in their row.
_PERSONS_RELUCTANCE = 3.0


def release_incidence(
    rows: Iterable[Sequence[object]],
    dimensions: Mapping[str, Sequence[str]] | Sequence[str],
    *,
    rules: OutputRules | None = None,
    context: Mapping[str, str] | None = None,
    title: str = "Incidence",
) -> Release:
    """Release incidence rates per 1,000 person-years with exact Poisson 95 % intervals.

    Margins named "Total" are added on every dimension and combination. Persons, persons with the event and persons
    without it are protected as one table. Person-years need the persons of their row to be shown, rates the events too.
    Person-years cannot be worked out for a cell of few persons: they add up along the same lines as persons and are
    hidden in the same cells, and no combination of those lines isolates a small cell. Events are withheld where
    `group_share` or more of a stratum had one.

    Parameters
    ----------
    rows
        Exact counts of cells, each once: a label per dimension, then persons, persons with the event, person-days.
    dimensions
        Names of the dimensions, or names with their ordered labels; combinations without a row hold nobody.
    rules, context, title
        See `protect_table`.

    Returns
    -------
    Release
        Columns `persons`, `events`, `person_years` (of 365.25 days), `rate` (per 1,000 person-years), `rate_low` and
        `rate_high` (its limits).

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
    cells = _read(rows, len(dimensions))
    levels = levels_of(dimensions, cells)
    sums: dict[Key, list[float]] = {key: [0, 0, 0] for key in keys_with_margins(levels)}
    for key, amounts in cells.items():
        for cover in covering(key):
            for j, amount in enumerate(amounts):
                sums[cover][j] += amount
    exact = Exact(dimensions=tuple(levels), counts=("persons", "events"))
    groups: tuple[dict[Key, int], ...] = ({}, {}, {})
    for key, (persons, events, _) in sums.items():
        row, weight = exact.row(key), reluctance(key)
        groups[0][key] = exact.cell(row, "persons", int(persons), _PERSONS_RELUCTANCE * weight)
        groups[1][key] = exact.cell(row, "events", int(events), weight)
        groups[2][key] = exact.imply(int(persons - events), 0.02 * weight)
        # That (nearly) everyone had the event is not to be told of a stratum.
        exact.sensitive.append((len(exact.relations), (groups[1][key],)))
        exact.relate(groups[0][key], (groups[1][key], groups[2][key]))
    for total, parts in lines(levels):
        for group in groups:
            exact.relate(group[total], [group[part] for part in parts])
    exact.derived = _figures(sums)
    rules = rules or OutputRules()
    return protect_table(exact, title=title, kind="incidence", rules=rules, context=context)


def _read(rows: Iterable[Sequence[object]], width: int) -> dict[Key, tuple[int, int, int]]:
    cells: dict[Key, tuple[int, int, int]] = {}
    for row in rows:
        if len(row) != width + 3:
            raise ArgumentError(f"a row has {len(row)} entries: give {width} labels, persons, events and person-days")
        key = tuple(str(label) for label in row[:width])
        amounts = row[width:]
        if any(isinstance(amount, bool) or not isinstance(amount, int) or amount < 0 for amount in amounts):
            raise ArgumentError(
                f"cell {key} has an amount that is not a whole number from 0 on: persons, events, person-days"
            )
        if key in cells:
            raise ArgumentError(f"cell {key} is given twice: give each combination once")
        persons, events, days = (int(amount) for amount in amounts)  # type: ignore[call-overload]
        if events > persons:
            raise ArgumentError(f"cell {key} has more events than persons: count each person's first event")
        cells[key] = (persons, events, days)
    if not cells:
        raise ArgumentError("there are no rows: an incidence table needs at least one cell")
    return cells


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
