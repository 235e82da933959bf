"""Tables of units: stays, deliveries, boxes, protected by the persons behind each cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kohort.errors import ArgumentError
from kohort.release.cells import read_cells, relations_of, sums_of
from kohort.release.cross import TOTAL, levels_of, reluctance
from kohort.release.gate import Contributions, Exact, Magnitude, protect_table
from kohort.release.released import Measure
from kohort.release.rules import OutputRules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kohort.release.cross import Key
    from kohort.release.released import Release


def release_units(
    df: Any,
    *,
    dimensions: Sequence[str],
    count: str,
    persons: str,
    overlap: bool = True,
    totals: bool = True,
    rules: OutputRules | None = None,
    title: str | None = None,
) -> Release:
    """Release a table of units that are no persons: stays, deliveries, boxes; protected by the persons behind them.

    Parameters
    ----------
    df
        Counts, a row per cell; any frame that `release_table` takes. Rows named "Total" are margins.
    dimensions
        The columns that name the cells.
    count
        The column with the number of units.
    persons
        The column with the number of persons behind each cell.
    overlap
        Whether a person may stand behind several cells. If so, persons are not shown, and a margin that is not given
        counts as many as its largest cell. If not, persons add up and are shown.
    totals
        Whether margins are shown. If not, only the margins that `df` has are.
    rules
        The thresholds to obey.
    title
        What heads the table.

    Returns
    -------
    Release
        The column of units, with that of persons where each is in one cell.

    Raises
    ------
    ArgumentError
        If a column is missing, a cell has more persons than units, or a margin is not the sum of its cells.

    Examples
    --------
    >>> import polars as pl
    >>> df = pl.DataFrame({"ward": ["a", "b", "c"], "stays": [90, 70, 60], "persons": [80, 50, 4]})
    >>> release_units(df, dimensions=["ward"], count="stays", persons="persons").to_polars()["stays"].to_list()[2]
    """
    rules, dimensions, columns = rules or OutputRules(), list(dimensions), (count, persons)
    given = {key: (int(row[0]), int(row[1])) for key, row in read_cells(df, dimensions, columns).items()}
    for key, (stays, behind) in given.items():
        if behind > stays or (stays > 0 and behind == 0):
            raise ArgumentError(
                f"the row {' / '.join(key)!r} must have at least one person and no more persons than {count!r}, or "
                "neither: correct it"
            )
    levels = levels_of(dimensions, given)
    units = sums_of({key: row[0] for key, row in given.items()}, levels)
    people = {key: row[1] for key, row in given.items()}
    behind_all = _persons(people, units) if overlap else sums_of(people, levels)
    exact = Exact(dimensions=tuple(levels), counts=() if overlap else (persons,))
    rows = {key: exact.row(key) for key in units if TOTAL not in key or totals or key in given}
    relations = relations_of(levels, rows, () if totals else given)
    if not overlap:
        for key, row in rows.items():
            exact.cell(row, persons, behind_all[key], reluctance(key))
        exact.relations = list(relations)
    exact.magnitudes = [
        Magnitude(
            Measure(count, "magnitude"),
            [Contributions(units[key], behind_all[key], behind_all[key]) for key in rows],
            [reluctance(key) for key in rows],
            relations,
            persons=None if overlap else persons,
            units=True,
        )
    ]
    head = title or f"{count} by {', '.join(levels)}"
    return protect_table(exact, title=head, kind="units", rules=rules, context=None)


def _persons(given: Mapping[Key, int], units: Mapping[Key, int]) -> dict[Key, int]:
    """Return the persons behind every cell: at least those of its largest part, and no more than all parts have."""
    least: dict[Key, int] = dict.fromkeys(units, 0)
    most: dict[Key, int] = dict.fromkeys(units, 0)
    for key, persons in given.items():
        for cover in _above(key):
            least[cover] = max(least[cover], persons)
            if TOTAL not in key:
                most[cover] += persons
    for key, persons in given.items():
        if persons < least[key] or persons > most[key]:
            raise ArgumentError(
                f"the row {' / '.join(key)!r} has fewer persons than one of its cells, or more than all of them: "
                "correct it"
            )
    return least


def _above(key: Key) -> list[Key]:
    """Return a cell or margin with the margins above it."""
    answer: list[Key] = [()]
    for label in key:
        answer = [(*start, end) for start in answer for end in dict.fromkeys((label, TOTAL))]
    return answer
