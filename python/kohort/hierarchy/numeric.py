"""Numbers as they were written, numbers as a column has them, and the text of both."""

from __future__ import annotations

import math
from decimal import Decimal
from numbers import Real
from typing import Any

import polars as pl

from kohort.errors import ArgumentError

Number = int | float


def finite(name: str, value: Any) -> None:
    """Refuse what is not a finite number."""
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise ArgumentError(f"{name} must be a finite number, got {value!r}")


def exact(number: Number) -> Decimal:
    """Give the decimal that was written: 0.1 is a tenth."""
    return Decimal(str(number))


def places(number: Number) -> int:
    """Count the digits behind the decimal point."""
    exponent = exact(number).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def scaled(number: Number, scale: int) -> int:
    """Give a number in units of 1/scale."""
    return int(exact(number) * scale)


def text(number: Number | None) -> str:
    """Write a number, a whole one without a decimal point."""
    return str(number).removesuffix(".0")


def numeric(leaves: pl.Series, name: str) -> pl.Series:
    """Give a column's numbers as integers or as floats; refuse other columns, and NaN."""
    if not leaves.dtype.is_numeric():
        hint = "use dates" if leaves.dtype in (pl.Date, pl.Datetime) else "cast it first"
        raise ArgumentError(f"{name} needs numbers, the column is {leaves.dtype}: {hint}")
    values = leaves if leaves.dtype.is_integer() else leaves.cast(pl.Float64)
    if values.dtype.is_float() and values.is_nan().any():
        raise ArgumentError("the column has NaN, which lies in no interval: make it null, df['column'].fill_nan(None)")
    return values
