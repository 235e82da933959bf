"""Leaves in the type that is needed: text for codes, the column's own type for tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from kohort.errors import ArgumentError
from kohort.hierarchy.checks import refuse, some

if TYPE_CHECKING:
    from polars._typing import PolarsDataType


def leaves_of(values: Any) -> pl.Series:
    """Give the distinct values in order; missing values are no leaves."""
    series = values if isinstance(values, pl.Series) else _series(values)
    if series.dtype.is_nested() or series.dtype in (pl.Object, pl.Binary):
        raise ArgumentError(f"a hierarchy needs one plain value per row, got {series.dtype}: convert the column first")
    distinct = (series.drop_nulls() if series.null_count() else series).unique().alias("0")
    if distinct.dtype == pl.Categorical:
        # By their text also where a polars sorts categories by first appearance.
        return distinct.to_frame().sort(pl.col("0").cast(pl.String))["0"]
    return distinct.sort()


def _series(values: Any) -> pl.Series:
    try:
        return pl.Series("0", values)
    except (TypeError, ValueError, pl.exceptions.PolarsError):
        raise ArgumentError(
            f"expected the values of one column (a Series, or a list of one type), got {type(values).__qualname__}"
        ) from None


def as_text(leaves: pl.Series, name: str) -> pl.Series:
    """Give codes as text; whole numbers count as codes."""
    if leaves.dtype.is_integer() or leaves.dtype in (pl.String, pl.Categorical, pl.Enum):
        return leaves.cast(pl.String)
    raise ArgumentError(
        f"{name} needs codes (text or whole numbers), the column is {leaves.dtype}: cast it to text first"
    )


def as_dtype(leaves: pl.Series, dtype: PolarsDataType, name: str) -> pl.Series:
    """Convert the leaves of a table to the type of a column; refuse those that have no such value."""
    if leaves.dtype == dtype:
        return leaves
    converted = _converted(leaves, dtype)
    bad = leaves.filter(converted.is_null() & leaves.is_not_null())
    if len(bad) and isinstance(dtype, pl.Enum):
        raise ArgumentError(
            f"{name} has leaves that the column's Enum lacks ({some(bad)}), and shares count all leaves: cast the "
            "column to String, or take the leaves out"
        )
    refuse(
        bad,
        f"{name} has leaves that cannot be read as {dtype}, the type of the column",
        "correct them, or cast the column to a type that holds them",
    )
    return converted


def _converted(leaves: pl.Series, dtype: PolarsDataType) -> pl.Series:
    if leaves.dtype.is_float() and dtype.is_integer():
        return leaves.set(leaves != leaves.floor(), None).cast(dtype, strict=False)
    if leaves.dtype == pl.String and dtype == pl.Boolean:
        return leaves.str.to_lowercase().replace_strict(
            ["true", "false"], [True, False], default=None, return_dtype=pl.Boolean
        )
    if leaves.dtype == pl.String and dtype == pl.Date:
        return leaves.str.to_date("%Y-%m-%d", strict=False)
    if leaves.dtype == pl.String and isinstance(dtype, pl.Datetime):
        unit, zone = dtype.time_unit, dtype.time_zone
        return leaves.str.to_datetime(time_unit=unit, time_zone=zone, strict=False)
    try:
        return leaves.cast(dtype, strict=False)
    except pl.exceptions.PolarsError:
        return pl.Series(leaves.name, [None] * len(leaves), dtype=dtype)
