"""Cells of a table that a user brings: reading them, their margins, and the relations between them."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import polars as pl

from kohort._frames import open_frame
from kohort.errors import ArgumentError
from kohort.release.cross import TOTAL, covering, keys_with_margins, lines
from kohort.release.gate import MAX_CELLS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kohort.release.cross import Key


def columns_of(df: Any, dimensions: Sequence[str], others: Sequence[str]) -> pl.DataFrame:
    """Read columns, dimensions as text, after checking that they are there and differ."""
    opened = open_frame(df)
    wanted = [*dimensions, *others]
    if len(set(wanted)) != len(wanted):
        raise ArgumentError(f"{list(dimensions)} and {', '.join(map(repr, others))} must be different columns")
    missing = [name for name in wanted if name not in opened.columns]
    if missing:
        raise ArgumentError(f"the table has no column {missing[0]!r}: its columns are {opened.columns}")
    frame = pl.DataFrame(opened.select(wanted))
    if not len(frame):
        raise ArgumentError("the table has no rows: nothing to release")
    return frame.with_columns(pl.col(name).cast(pl.String).fill_null("(missing)") for name in dimensions)


def amounts_of(frame: pl.DataFrame, name: str) -> pl.Series:
    """Return a column of amounts, none of them missing, negative or infinite."""
    column = frame[name]
    numeric = column.dtype.is_numeric()
    if column.dtype.is_decimal():
        column = column.cast(pl.Float64)
    if not numeric or column.null_count() or not column.is_finite().all() or (column < 0).any():
        raise ArgumentError(
            f"column {name!r} must hold numbers from 0 on, without missing ones: sums of values of both signs cannot "
            "be protected by dominance, so release their positive and negative parts apart"
        )
    return column


def read_cells(
    df: Any, dimensions: Sequence[str], counts: Sequence[str], amounts: Sequence[str] = ()
) -> dict[Key, tuple[float, ...]]:
    """Return the numbers of each cell: counts of persons or units, then amounts."""
    if not dimensions:
        raise ArgumentError("a table needs at least one dimension: name the columns that tell its cells apart")
    frame = columns_of(df, dimensions, [*counts, *amounts])
    numbers = []
    for name in counts:
        column = frame[name]
        if column.dtype.is_float() and (column.is_null() | (column.is_finite() & (column == column.round()))).all():
            column = column.cast(pl.Int64)
        if not column.dtype.is_integer() or column.null_count() or (column < 0).any():
            raise ArgumentError(f"column {name!r} must hold whole numbers of persons from 0 on, without missing values")
        numbers.append(column.to_list())
    numbers += [amounts_of(frame, name).to_list() for name in amounts]
    answer: dict[Key, tuple[float, ...]] = {}
    labels = zip(*(frame[name].to_list() for name in dimensions), strict=True)
    for key, found in zip(labels, zip(*numbers, strict=True), strict=True):
        if key in answer:
            raise ArgumentError(f"the row {' / '.join(key)!r} is there twice: give each combination of dimensions once")
        answer[key] = found
    return answer


def check_size(levels: Mapping[str, Sequence[str]]) -> None:
    """Refuse a table of too many cells."""
    size = prod(len(labels) + 1 for labels in levels.values())
    if size > MAX_CELLS:
        raise ArgumentError(f"the table would have {size:,} cells, more than {MAX_CELLS:,}: release fewer dimensions")


def sums_of(given: Mapping[Key, int], levels: Mapping[str, Sequence[str]]) -> dict[Key, int]:
    """Return every cell with its margins, after checking the margins that are given."""
    check_size(levels)
    sums: dict[Key, int] = dict.fromkeys(keys_with_margins(levels), 0)
    for key, persons in given.items():
        if TOTAL not in key:
            for cover in covering(key):
                sums[cover] += persons
    for key, persons in given.items():
        if sums[key] != persons:
            raise ArgumentError(f"the row {' / '.join(key)!r} is not the sum of its cells: correct it or leave it out")
    return sums


def relations_of(
    levels: Mapping[str, Sequence[str]], cells: Mapping[Key, int], margins: Iterable[Key]
) -> list[tuple[int, tuple[int, ...]]]:
    """Return the sums among cells: along each line that is there, and of each of `margins` over the cells below it.

    `margins` are for tables that lack some margins between those they have and their cells.
    """
    answer = [
        (cells[total], tuple(cells[part] for part in parts))
        for total, parts in lines(levels)
        if total in cells and all(part in cells for part in parts)
    ]
    for total in margins:
        if TOTAL in total:
            below = tuple(
                cell
                for key, cell in cells.items()
                if TOTAL not in key and all(mine in {TOTAL, label} for mine, label in zip(total, key, strict=True))
            )
            answer.append((cells[total], below))
    return answer
