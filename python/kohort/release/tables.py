"""A user's own table of counts at the gate."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import polars as pl

from kohort._frames import open_frame
from kohort.errors import ArgumentError
from kohort.release.cross import TOTAL, covering, keys_with_margins, levels_of, lines, reluctance
from kohort.release.gate import MAX_CELLS, Exact, protect_table
from kohort.release.keys import KeySum, added
from kohort.release.rules import OutputRules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kohort.release.cross import Key
    from kohort.release.gate import People
    from kohort.release.released import Release


def release_table(
    df: Any,
    *,
    dimensions: Sequence[str],
    count: str = "n",
    totals: bool = True,
    keys: str | None = None,
    rules: OutputRules | None = None,
    title: str | None = None,
) -> Release:
    """Release a table of counts of persons.

    Rows whose label is "Total" are margins; they are checked against the sums, and margins that are missing are added.
    Combinations without a row hold nobody.

    Parameters
    ----------
    df
        Counts, a row per cell: polars, pandas, pyarrow, a DuckDB relation, the path of a Parquet file, or anything
        with the Arrow PyCapsule interface.
    dimensions
        The columns that name the cells; a missing label reads "(missing)".
    count
        The column with the number of persons behind each cell.
    totals
        Whether margins are shown. If not, only the margins that `df` has are.
    keys
        The column with the key of each cell's set of persons, for rules with `CellKeys`: see `keys_of_persons`.
    rules
        The thresholds to obey.
    title
        What heads the table.

    Returns
    -------
    Release
        The dimensions and the column of counts.

    Raises
    ------
    ArgumentError
        If a column is missing, a count is no whole number of persons, or a margin is not the sum of its cells.

    References
    ----------
    Fischetti M, Salazar-Gonzalez JJ. Solving the cell suppression problem on tabular data with linear constraints.
    Management Science 47 (2001).

    Examples
    --------
    >>> import polars as pl
    >>> df = pl.DataFrame({"sex": ["f", "m", "x"], "n": [120, 340, 3]})
    >>> release_table(df, dimensions=["sex"]).to_polars()["n_status"].to_list()
    ['protective', 'shown', 'small', 'shown']
    """
    given, given_keys = _read(df, list(dimensions), count, keys)
    levels = levels_of(list(dimensions), given)
    sums = _sums(given, levels)
    sets = _sets(given_keys, levels) if keys else {}
    exact = Exact(dimensions=tuple(levels), counts=(count,))
    cells: dict[Key, int] = {}
    for key, persons in sums.items():
        if TOTAL not in key or totals or key in given:
            cells[key] = exact.cell(exact.row(key), count, persons, reluctance(key), people=sets.get(key))
    for total, parts in lines(levels):
        if total in cells and all(part in cells for part in parts):
            exact.relate(cells[total], [cells[part] for part in parts])
    if not totals:
        _relate_to_inner(exact, cells, given)
        exact.exclusive.append(tuple(cell for key, cell in cells.items() if TOTAL not in key))
    kind, head = "table", title or f"{count} by {', '.join(levels)}"
    return protect_table(exact, title=head, kind=kind, rules=rules or OutputRules(), context=None)


def _sums(given: Mapping[Key, int], levels: Mapping[str, Sequence[str]]) -> dict[Key, int]:
    """Return every cell with its margins, after checking the margins that are given."""
    size = prod(len(labels) + 1 for labels in levels.values())
    if size > MAX_CELLS:
        raise ArgumentError(f"the table would have {size:,} cells, more than {MAX_CELLS:,}: release fewer dimensions")
    sums: dict[Key, int] = dict.fromkeys(keys_with_margins(levels), 0)
    for key, persons in given.items():
        if TOTAL not in key:
            for cover in covering(key):
                sums[cover] += persons
    for key, persons in given.items():
        if sums[key] != persons:
            raise ArgumentError(f"the row {' / '.join(key)!r} is not the sum of its cells: correct it or leave it out")
    return sums


def _sets(keys: Mapping[Key, int], levels: Mapping[str, Sequence[str]]) -> dict[Key, People]:
    """Return the set of persons of every cell with its margins: sets of disjoint cells add up."""
    totals = dict.fromkeys(keys_with_margins(levels), 0)
    for key, one in keys.items():
        if TOTAL not in key:
            for cover in covering(key):
                totals[cover] = added((totals[cover], one))
    return {key: KeySum(total) for key, total in totals.items()}


def _relate_to_inner(exact: Exact, cells: dict[Key, int], given: dict[Key, int]) -> None:
    """State each margin as the sum of the cells below it: intermediate margins may be absent."""
    for total in given:
        if TOTAL in total:
            below = [
                cell
                for key, cell in cells.items()
                if TOTAL not in key and all(mine in {TOTAL, label} for mine, label in zip(total, key, strict=True))
            ]
            exact.relate(cells[total], below)


def _read(df: Any, dimensions: list[str], count: str, keys: str | None) -> tuple[dict[Key, int], dict[Key, int]]:
    opened = open_frame(df)
    wanted = [*dimensions, count, *([keys] if keys else [])]
    if len(set(wanted)) != len(wanted) or not dimensions:
        raise ArgumentError(
            f"dimensions {dimensions} and count {count!r} must be different columns, with at least one dimension"
        )
    missing = [name for name in wanted if name not in opened.columns]
    if missing:
        raise ArgumentError(f"the table has no column {missing[0]!r}: its columns are {opened.columns}")
    frame = pl.DataFrame(opened.select(wanted))
    column = frame[count]
    if column.dtype.is_float() and (column.is_null() | (column.is_finite() & (column == column.round()))).all():
        column = column.cast(pl.Int64)
    if not column.dtype.is_integer() or column.null_count() or (column < 0).any():
        raise ArgumentError(f"column {count!r} must hold whole numbers of persons from 0 on, without missing values")
    labels = [frame[name].cast(pl.String).fill_null("(missing)").to_list() for name in dimensions]
    answer: dict[Key, int] = {}
    for key, persons in zip(zip(*labels, strict=True), column.to_list(), strict=True):
        if key in answer:
            raise ArgumentError(f"the row {' / '.join(key)!r} is there twice: give each combination of dimensions once")
        answer[key] = persons
    if not answer:
        raise ArgumentError("the table has no rows: nothing to release")
    return answer, dict(zip(answer, _key_column(frame[keys]), strict=True)) if keys else {}


def _key_column(column: pl.Series) -> list[int]:
    if not column.dtype.is_integer() or column.null_count() or (column < 0).any():
        raise ArgumentError(
            f"column {column.name!r} must hold keys of sets of persons, whole numbers below 2**64: make it with "
            "keys_of_persons"
        )
    return column.to_list()
