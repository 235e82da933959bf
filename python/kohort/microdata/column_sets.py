"""Column sets: how well each tells rows apart, and the smallest ones that tell all rows apart."""

from __future__ import annotations

from itertools import chain, combinations
from math import comb
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import polars as pl

from kohort import _core
from kohort._frames import open_frame
from kohort._progress import progress_bar
from kohort.errors import ArgumentError
from kohort.microdata import checks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kohort._frames import Frame

#: More column sets than this are not what anybody reads.
MOST_SETS = 1_000_000


def separation(
    df: Any, columns: str | Iterable[str], *, max_columns: int | None = None, progress: bool = True
) -> pl.DataFrame:
    """Measure how well every set of some columns tells rows apart.

    Parameters
    ----------
    df
        A frame of any kind that `kohort.k_anonymity` takes. A missing value is a value of its own.
    columns
        The columns; a single name may come as a string.
    max_columns
        The largest sets that are measured; None for all sets, of which n columns have 2^n - 1.
    progress
        Show progress when it takes more than a second.

    Returns
    -------
    polars.DataFrame
        A row per set: `columns`, `size`, `distinction` (classes over rows: the share of rows that could be kept if the
        set had to be a key) and `separation` (the share of pairs of rows that differ in the set; missing with one row),
        the least telling sets of each size first.

    Raises
    ------
    ArgumentError
        If a column is absent, ambiguous, nested or named twice, if `max_columns` is no whole number from 1, if there
        are more than a million sets, or if the frame has no rows.

    Notes
    -----
    R. Motwani and Y. Xu, "Efficient algorithms for masking and finding quasi-identifiers", VLDB workshop on secure data
    management (2007): alpha-distinction and alpha-separation, as ARX computes them.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> df = pl.DataFrame({"sex": ["F", "F", "F", "M", "M"], "state": ["CA", "CA", "TX", "NY", "CA"]})
    >>> kh.separation(df, ["sex", "state"]).select("distinction", "separation").rows()
    [(0.4, 0.6), (0.6, 0.7), (0.8, 0.9)]
    """
    names = checks.names("columns", columns)
    most = _most(max_columns, len(names))
    many = sum(comb(len(names), size) for size in range(1, most + 1))
    if many > MOST_SETS:
        raise ArgumentError(
            f"{len(names)} columns have {many:,} sets of up to {most}: give a smaller max_columns, or fewer columns"
        )
    frame = open_frame(df)
    _columns(frame, names)
    numbers = range(len(names))
    sets = [list(chosen) for chosen in chain.from_iterable(combinations(numbers, k) for k in range(1, most + 1))]
    with progress_bar("column sets", show=progress) as callback:
        rows, counts = _core.column_sets(frame.select(names), names, sets, callback)
    checks.some_rows(rows)
    pairs = comb(rows, 2)
    found = [
        ([names[number] for number in chosen], len(chosen), classes / rows, apart / pairs if pairs else None)
        for chosen, (classes, apart) in zip(sets, counts, strict=True)
    ]
    found.sort(key=lambda row: (row[1], row[2], row[3] or 0.0, row[0]))
    schema = ["columns", "size", "distinction", "separation"]
    kinds: dict[str, pl.DataType] = {"columns": pl.List(pl.String), "separation": pl.Float64()}
    return pl.DataFrame(found, schema, schema_overrides=kinds, orient="row")


def unique_column_sets(
    df: Any,
    columns: str | Iterable[str] | None = None,
    *,
    distinction: float = 1.0,
    max_columns: int | None = None,
    progress: bool = True,
) -> tuple[tuple[str, ...], ...]:
    """Find the minimal sets of columns that tell all rows apart, or nearly all: the frame's candidate keys.

    Parameters
    ----------
    df
        A frame of any kind that `kohort.k_anonymity` takes. A missing value is a value of its own.
    columns
        The columns to search; None for all of the frame.
    distinction
        The share of rows, in (0, 1], that the classes of a set must come to: 1 for sets without any two equal rows.
    max_columns
        The largest sets that are searched; None for all sizes.
    progress
        Show progress when it takes more than a second.

    Returns
    -------
    tuple of tuples of str
        The sets that have the distinction and no part of which has it, small ones first; empty if there are none.

    Raises
    ------
    ArgumentError
        If a column is absent, ambiguous, nested or named twice, if `distinction` or `max_columns` is out of range, or
        if the frame has no rows.

    Notes
    -----
    Level by level, a set being counted only if none of its parts is in the answer: minimal unique column combinations,
    see A. Heise et al., "Scalable discovery of unique column combinations", PVLDB 7 (2013), by apriori-gen of
    R. Agrawal and R. Srikant, VLDB (1994). The answer is exact; its size may be exponential in the number of columns.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> df = pl.DataFrame({"day": [1, 1, 2], "place": ["a", "b", "a"], "visit": [7, 8, 9]})
    >>> kh.unique_column_sets(df)
    (('visit',), ('day', 'place'))
    """
    frame = open_frame(df)
    names = checks.names("columns", frame.columns if columns is None else columns)
    _columns(frame, names)
    most = _most(max_columns, len(names))
    if isinstance(distinction, bool) or not (isinstance(distinction, Real) and 0 < distinction <= 1):
        raise ArgumentError(f"distinction must be in (0, 1], got {distinction!r}")
    with progress_bar("column sets", show=progress) as callback:
        rows, found = _core.minimal_sets(frame.select(names), names, float(distinction), most, callback)
    checks.some_rows(rows)
    return tuple(tuple(names[number] for number in chosen) for chosen in found)


def _columns(frame: Frame, names: list[str]) -> None:
    if not names:
        raise ArgumentError("columns is empty: name the columns whose sets are to be looked at")
    checks.columns(frame, names)


def _most(value: int | None, columns: int) -> int:
    if value is None:
        return columns
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < 1:
        raise ArgumentError(f"max_columns must be a whole number from 1, or None for all, got {value!r}")
    return min(int(value), columns)
