"""Several tables of one population, released together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from kohort._frames import open_frame
from kohort.errors import ArgumentError
from kohort.release.cross import TOTAL
from kohort.release.frames import columns_of
from kohort.release.gate import protect_tables
from kohort.release.rules import OutputRules
from kohort.release.tables import Source, table_of

if TYPE_CHECKING:
    from kohort.release.released import Release

_OF_A_TABLE = {"df", "dimensions", "hierarchies", "totals"}


def release_tables(
    tables: Mapping[str, Sequence[str] | Mapping[str, Any]],
    df: Any = None,
    *,
    count: str = "n",
    person: str | None = None,
    hierarchies: Mapping[str, Any] | None = None,
    totals: bool = True,
    rules: OutputRules | None = None,
) -> dict[str, Release]:
    """Release several tables of the same persons, protected against what they tell together.

    Parameters
    ----------
    tables
        By title, the dimensions of a table; or a mapping with `dimensions` and, where they differ from the arguments
        here, `df`, `hierarchies` and `totals`.
    df
        The frame that tables without one of their own are taken from, as for `release_table`: counts are summed over
        the dimensions that a table leaves out.
    count, person, hierarchies, totals, rules
        As for `release_table`; hierarchies of dimensions that a table leaves out are passed over.

    Returns
    -------
    dict
        A `Release` by title. A cell that tables share (equal labels, totals left out) is shown in all of them or in none.

    Raises
    ------
    ArgumentError
        If there is no table, a table is not described as above, or tables differ in a cell that they share.

    Notes
    -----
    Tables that are safe one by one can give a cell away together: with regions summed to counties in one table and to
    types of region in another, a hidden cell may follow from one margin of each (sdcTools, issue 136 of its UserSupport).
    All relations of all tables are therefore audited as one system. See De Wolf P-P, Hundepool A, "Three ways to deal with
    a set of linked SBS tables using tau-ARGUS", Privacy in Statistical Databases (2010).

    Examples
    --------
    >>> import polars as pl
    >>> df = pl.DataFrame({"sex": ["f", "m"] * 2, "region": list("AABB"), "n": [120, 340, 30, 2]})
    >>> found = release_tables({"by sex": ["sex"], "by region": ["region"]}, df)
    >>> found["by region"].to_polars()["n"].to_list()
    [460, 32, 492]
    """
    if not isinstance(tables, Mapping) or not tables:
        raise ArgumentError(f"tables must map titles to dimensions, got {type(tables).__qualname__}: name one at least")
    exacts = {}
    for title, given in tables.items():
        spec = _spec(title, given)
        dimensions = list(spec["dimensions"])
        frame, own = spec.get("df", df), spec.get("hierarchies", hierarchies)
        if frame is None:
            raise ArgumentError(f"table {title!r} has no frame: pass df to release_tables, or one of its own")
        if person is None and "df" not in spec:
            frame = _summed_over(frame, dimensions, count)
        if "hierarchies" not in spec and isinstance(own, Mapping):
            own = {name: tree for name, tree in own.items() if name in dimensions}
        exacts[str(title)] = table_of(frame, Source(dimensions, count, person, own), totals=spec.get("totals", totals))
    return protect_tables(exacts, kind="table", rules=rules or OutputRules())


def _spec(title: object, given: object) -> Mapping[str, Any]:
    if isinstance(given, Mapping):
        unknown = sorted(set(given) - _OF_A_TABLE)
        if unknown or "dimensions" not in given:
            raise ArgumentError(
                f"table {title!r} takes dimensions, and df, hierarchies, totals if need be, got {sorted(given)}"
            )
        return given
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise ArgumentError(f"table {title!r} must be a list of dimensions or a mapping, got {given!r}")
    return {"dimensions": given}


def _summed_over(df: Any, dimensions: Sequence[str], count: str) -> pl.DataFrame:
    """Sum counts over the columns that are not asked for; rows that differ in these only become one."""
    frame, opened = columns_of(df, dimensions, count, "count"), open_frame(df)
    for name in opened.columns:
        column = None if name in frame.columns else pl.DataFrame(opened.select([name])).to_series()
        if column is not None and column.dtype == pl.String and (column == TOTAL).any():
            raise ArgumentError(
                f"column {name!r} has rows {TOTAL!r} and is no dimension of every table: leave its margins out"
            )
    if frame[count].dtype.is_integer() and not frame[count].null_count() and not (frame[count] < 0).any():
        frame = frame.group_by(list(dimensions), maintain_order=True).agg(pl.col(count).sum())
    return frame
