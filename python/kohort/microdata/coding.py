"""Top and bottom coding, and random sampling."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from numbers import Integral
from typing import Any, Literal

import polars as pl

from kohort._frames import open_frame
from kohort.errors import ArgumentError
from kohort.microdata import checks, thresholds


@dataclass(frozen=True, slots=True)
class Coding:
    """A frame whose extremes are cut off; made by `kohort.top_code` and `kohort.bottom_code`.

    Attributes
    ----------
    frame
        The frame: the same kind, rows, order and types as the input.
    column
        The column that was coded.
    at
        The greatest (least) value that is left; what was beyond is now this.
    changed
        How many rows were changed.
    """

    frame: Any
    column: str
    at: Any
    changed: int

    def __repr__(self) -> str:
        return f"Coding: {self.column} ends at {self.at}; {self.changed:,} rows changed"


def top_code(df: Any, column: str, *, at: Any = None, quantile: float | None = None) -> Coding:
    """Replace values above a limit by the limit.

    Parameters
    ----------
    df
        A frame of any kind that `k_anonymity` takes; it is not changed.
    column
        A column of numbers or dates. Missing values, and NaN, stay.
    at
        The limit, of the column's type.
    quantile
        Or the share of rows, in [0, 1], at or below the limit: the limit is then the greatest value that occurs at or
        below that quantile.

    Returns
    -------
    Coding
        The frame, the limit, and how many rows were changed.

    Raises
    ------
    ArgumentError
        If the column is absent, ambiguous or neither numbers nor dates, if not exactly one of `at` and `quantile` is
        given, or if the limit does not fit the column's type.

    Notes
    -----
    A. Hundepool et al., "Statistical Disclosure Control", Wiley 2012, section 3.2.3. The rows at the limit say no more
    than that they are there or beyond; how many they are is what protects them.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> df = pl.DataFrame({"age": [31, 58, 94, 103]})
    >>> kh.top_code(df, "age", at=90).frame["age"].to_list()
    [31, 58, 90, 90]
    """
    return _code(df, column, at, quantile, "top")


def bottom_code(df: Any, column: str, *, at: Any = None, quantile: float | None = None) -> Coding:
    """Replace values below a limit by the limit; see `top_code`.

    Parameters
    ----------
    df
        A frame of any kind that `k_anonymity` takes; it is not changed.
    column
        A column of numbers or dates. Missing values, and NaN, stay.
    at
        The limit, of the column's type.
    quantile
        Or the share of rows, in [0, 1], below the limit: the limit is then the least value that occurs at or above that
        quantile.

    Returns
    -------
    Coding
        The frame, the limit, and how many rows were changed.

    Raises
    ------
    ArgumentError
        As `top_code`.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> kh.bottom_code(pl.DataFrame({"weight": [410, 2900, 3300]}), "weight", at=500).frame["weight"].to_list()
    [500, 2900, 3300]
    """
    return _code(df, column, at, quantile, "bottom")


def _code(df: Any, column: str, at: Any, quantile: float | None, end: Literal["top", "bottom"]) -> Coding:
    [name] = checks.names("column", [column])
    if (at is None) == (quantile is None):
        raise ArgumentError("give either at, the limit itself, or quantile, the share of rows within it")
    frame = open_frame(df).held()
    checks.columns(frame, [name])
    values = pl.DataFrame(frame.select([name]))[name]
    if not (values.dtype.is_numeric() or values.dtype.is_temporal()):
        raise ArgumentError(
            f"column {name!r} is of type {values.dtype}, which has no top or bottom: use numbers or dates"
        )
    limit = _limit(values, at, quantile, end)
    beyond = values > limit if end == "top" else values < limit
    if values.dtype.is_float():
        beyond &= values.is_not_nan()
    beyond = beyond.fill_null(value=False)
    coded = values.to_frame().select(pl.when(beyond).then(pl.lit(limit, dtype=values.dtype)).otherwise(pl.col(name)))
    return Coding(frame.replace({name: coded.to_series().alias(name)}), name, limit, int(beyond.sum()))


def _limit(values: pl.Series, at: Any, quantile: float | None, end: str) -> Any:
    if quantile is not None:
        thresholds.number("quantile", quantile, 0, 1)
        known = values.drop_nulls()
        if known.dtype.is_float():
            known = known.drop_nans()
        checks.some_rows(known.len())
        interpolation: Literal["lower", "higher"] = "lower" if end == "top" else "higher"
        place = known.sort()
        position = quantile * (known.len() - 1)
        return place[int(position) if interpolation == "lower" else -int(-position // 1)]
    if isinstance(at, float) and not isfinite(at):
        raise ArgumentError(f"at must be a finite number, got {at!r}")
    try:
        limit = pl.Series([at]).cast(values.dtype, strict=True)
        same = limit[0] == at
    except (pl.exceptions.PolarsError, TypeError, OverflowError):
        same = False
    if not same:
        raise ArgumentError(
            f"the limit {at!r} is not a value of column {values.name!r}, which is of type {values.dtype}: give one of "
            "that type"
        )
    return limit[0]


def sample(df: Any, fraction: float, *, seed: int) -> Any:
    """Draw rows at random without replacement, all subsets of that size being equally likely.

    Parameters
    ----------
    df
        A frame of any kind that `k_anonymity` takes; it is not changed.
    fraction
        The share of rows to draw, in (0, 1]; the number of rows is rounded to the nearest whole one.
    seed
        A whole number; the same seed gives the same rows.

    Returns
    -------
    frame
        A frame of the same kind with the drawn rows in their order; a pandas frame keeps their labels.

    Raises
    ------
    ArgumentError
        If `fraction` is not in (0, 1], or `seed` is not a whole number.

    Notes
    -----
    W. Cochran, "Sampling Techniques", 3rd ed., Wiley 1977, chapter 2. Who knows that a person is in the population does
    not know that she is in the sample; who knows the seed and the order of the population does, so keep the seed like a
    key.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> kh.sample(pl.DataFrame({"a": range(10)}), 0.3, seed=1).height
    3
    """
    thresholds.number("fraction", fraction, 0, 1, above=True)
    if isinstance(seed, bool) or not isinstance(seed, Integral):
        raise ArgumentError(f"seed must be a whole number, got {type(seed).__qualname__}")
    frame = open_frame(df).held()
    if not frame.columns:
        raise ArgumentError("the frame has no columns, so there is nothing to draw from")
    height = pl.DataFrame(frame.select(frame.columns[:1])).height
    rows = pl.int_range(height, eager=True).sample(round(fraction * height), seed=int(seed)).sort()
    return frame.take(rows)
