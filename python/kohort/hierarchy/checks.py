"""What a hierarchy must be, and the errors that say where it is not: total, monotone, without holes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from kohort.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN = 3


def some(values: Sequence[Any] | pl.Series) -> str:
    """Write up to three values, and how many more there are."""
    text = ", ".join(repr(value) for value in values[:SHOWN])
    more = len(values) - SHOWN
    return f"{text} and {more:,} more" if more > 0 else text


def one_character(name: str, value: Any) -> None:
    """Refuse what is not a text of one character."""
    if not isinstance(value, str) or len(value) != 1:
        raise ArgumentError(f"{name} must be one character, got {value!r}")


def refuse(bad: pl.Series, why: str, remedy: str) -> None:
    """Refuse values, if there are any, naming up to three and their number."""
    if len(bad):
        raise ArgumentError(f"{why}: {some(bad)} ({len(bad):,} in all); {remedy}")


def no_nulls(table: pl.DataFrame, name: str) -> None:
    """Refuse a missing cell, naming its leaf and level."""
    for column in table.columns:
        if table[column].null_count():
            row = table[column].is_null().arg_max() or 0
            if column == table.columns[0]:
                raise ArgumentError(
                    f"{name} has a missing leaf in row {row + 1}: leave it out, for missing values are not generalized"
                )
            raise ArgumentError(
                f"{name} has no value at level {column} for {table[table.columns[0]][row]!r}: every leaf needs a value "
                "at every level (repeat the one before, or '*')"
            )


def one_row_per_leaf(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Drop repeated rows; refuse a leaf that has two paths."""
    rows = table.unique(maintain_order=True)
    repeated = rows.filter(rows["0"].is_duplicated())
    if repeated.height:
        leaf = repeated["0"][0]
        first, second = repeated.filter(pl.col("0") == leaf).rows()[:2]
        level = next(i for i, (a, b) in enumerate(zip(first, second, strict=True)) if i and a != b)
        raise ArgumentError(
            f"{name} has the leaf {leaf!r} twice, as {first[level]!r} and as {second[level]!r} at level {level}: "
            "keep one of the rows"
        )
    return rows


def total(table: pl.DataFrame, leaves: pl.Series, name: str) -> None:
    """Refuse values without a row."""
    if leaves.equals(table["0"]):
        return
    found = leaves.is_in(table["0"].to_list() if leaves.dtype == pl.Decimal else table["0"].implode())
    refuse(leaves.filter(~found), f"the column has values without a row in {name}", "add their rows, or make them null")


def monotone(table: pl.DataFrame, name: str) -> None:
    """Refuse values that are equal at one level and differ at a higher one."""
    # What becomes a single value does not differ.
    open_levels = [level for level in range(1, table.width - 1) if table[str(level + 1)].n_unique() > 1]
    if not open_levels:
        return
    pairs_of = [pl.struct(str(level), str(level + 1)).n_unique().alias(str(level)) for level in open_levels]
    counted = table.select(pairs_of).row(0)
    for level, count in zip(open_levels, counted, strict=True):
        if count == table[str(level)].n_unique():
            continue
        here, above = str(level), str(level + 1)
        pairs = table.select(here, above).unique(maintain_order=True)
        parted = pairs.filter(pairs[here].is_duplicated())
        if parted.height:
            value = parted[here][0]
            one, other = parted.filter(pl.col(here) == value)[above][:2]
            rows = table.filter(pl.col(here) == value)
            leaves = [rows.filter(pl.col(above) == up)["0"][0] for up in (one, other)]
            raise ArgumentError(
                f"{name} is not monotone: {leaves[0]!r} and {leaves[1]!r} are both {value!r} at level {level}, but "
                f"{one!r} and {other!r} at level {above}: values that are equal at a level stay equal above it"
            )
