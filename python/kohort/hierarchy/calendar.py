"""Hierarchies of days and months: week, month, quarter, year, spans of years."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import polars as pl

from kohort.errors import ArgumentError
from kohort.hierarchy import checks
from kohort.hierarchy.base import Hierarchy

#: How many months a unit has; days and weeks have none.
MONTHS = {"day": 0, "week": 0, "month": 1, "quarter": 3, "year": 12}
#: How the first units are written, by their months.
WRITTEN: dict[str | int, str] = {0: "%Y-%m-%d", "week": "%G-W%V", 1: "%Y-%m", 12: "%Y"}
#: How a date may be written as text or number: its pattern, what completes it to a day, how fine it is.
SHAPES = (
    (r"^\d{4}-\d{2}-\d{2}$", "", "%Y-%m-%d", "day"),
    (r"^\d{4}-\d{2}$", "-01", "%Y-%m-%d", "month"),
    (r"^\d{8}$", "", "%Y%m%d", "day"),
    (r"^\d{6}$", "01", "%Y%m%d", "month"),
    (r"^\d{4}$", "0101", "%Y%m%d", "year"),
)


@dataclass(frozen=True, repr=False)
class Dates(Hierarchy):
    """Units of the calendar; made by `dates`."""

    kind: ClassVar[str] = "dates"

    units: tuple[str, ...]
    top: bool = True

    def __post_init__(self) -> None:
        if not self.units:
            raise ArgumentError("dates needs at least one unit, such as dates('month', 'year')")
        for unit in self.units:
            _months(unit)
        for finer, coarser in pairwise(self.units):
            if coarser == "week" and finer == "day":
                continue
            if finer == "week":
                raise ArgumentError(
                    f"weeks do not nest into {_plural(coarser)}, for a week may lie in two of them: make week the last "
                    "unit, or leave it out"
                )
            inner, outer = _months(finer), _months(coarser)
            if outer == 0 or outer <= inner or (inner and outer % inner):
                raise ArgumentError(
                    f"each unit must be made of whole units of the one before, {coarser!r} is not made of "
                    f"{_plural(finer)}: write them from fine to coarse, such as dates('month', 'year', '5 years')"
                )

    def _generalize(self, leaves: pl.Series) -> pl.DataFrame:
        days, fineness = _days(leaves, repr(self))
        for unit in self.units:
            if _fineness(unit) < _fineness(fineness) or (unit == "week" and fineness != "day"):
                raise ArgumentError(
                    f"the column's values are {_plural(fineness)}, which have no {unit}: leave {unit!r} out"
                )
        labels = [_label(unit).alias(str(level)) for level, unit in enumerate(self.units, start=1)]
        return pl.DataFrame([leaves, *days.to_frame("day").select(labels)])

    def _examples(self) -> pl.Series:
        days = ["1945-05-08", "1945-11-20", "1987-02-03", "1988-12-31"]
        if min(map(_fineness, self.units)) >= _fineness("month"):
            return pl.Series("0", [int(day[:4] + day[5:7]) for day in days])
        return pl.Series("0", days).str.to_date("%Y-%m-%d")

    def describe(self, level: int) -> str:
        """Give the unit."""
        return self.units[level - 1] if 1 <= level <= len(self.units) else super().describe(level)

    def __repr__(self) -> str:
        return f"hierarchy.dates({', '.join(map(repr, self.units))}{'' if self.top else ', top=False'})"


def dates(*units: str, top: bool = True) -> Hierarchy:
    """Coarsen dates by units of the calendar.

    Parameters
    ----------
    *units
        From fine to coarse: "day", "week" (ISO 8601, Monday to Sunday), "month", "quarter", "year", or whole numbers of
        months or years, such as "6 months" or "5 years". Each must be made of whole units of the one before; spans of
        years begin at years that they divide.
    top
        Whether to end in the single value "*".

    Returns
    -------
    Hierarchy
        A hierarchy of dates and of date-times (in their own time zone), and of text or whole numbers in the forms
        1945-05-08, 1945-05, 19450508, 194505 and 1945. Its values read "1945-05-08", "1945-W19", "1945-05", "1945-Q2",
        "1945", "1945-1949".

    Raises
    ------
    ArgumentError
        If units do not nest (weeks nest into nothing); when used, if a value is no date, values are written in
        different forms, or a unit is finer than the values.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> birth = kh.hierarchy.dates("quarter", "year", "10 years")
    >>> birth.levels(pl.Series([194505, 194912])).rows()
    [(194505, '1945-Q2', '1945', '1940-1949', '*'), (194912, '1949-Q4', '1949', '1940-1949', '*')]
    """
    return Dates(tuple(units), top=top)


def _months(unit: str) -> int:
    if isinstance(unit, str):
        if unit in MONTHS:
            return MONTHS[unit]
        counted = re.fullmatch(r"([1-9]\d{0,3}) (month|year)s?", unit)
        if counted:
            months = int(counted[1]) * MONTHS[counted[2]]
            if months % 12 and 12 % months:
                raise ArgumentError(f"{unit!r} does not divide a year: take 1, 2, 3, 4, 6 or 12 months, or whole years")
            return months
    raise ArgumentError(
        f"{unit!r} is no unit of the calendar: take 'day', 'week', 'month', 'quarter', 'year', or a number of months "
        "or years such as '5 years'"
    )


def _fineness(unit: str) -> int:
    """Order the units: 0 a day, 1 a week or month, 12 a year."""
    return 1 if unit == "week" else _months(unit)


def _plural(unit: str) -> str:
    return unit if unit.endswith("s") else f"{unit}s"


def _days(leaves: pl.Series, name: str) -> tuple[pl.Series, str]:
    """Give the first day of each value, and how fine the values are."""
    if leaves.dtype in (pl.Date, pl.Datetime):
        return leaves.dt.date(), "day"
    if not (leaves.dtype.is_integer() or leaves.dtype in (pl.String, pl.Categorical, pl.Enum)):
        raise ArgumentError(
            f"{name} needs dates, or text or whole numbers such as 194505, the column is {leaves.dtype}"
        )
    text = leaves.cast(pl.String)
    matches = [text.str.contains(shape) for shape, *_ in SHAPES]
    # The form that most values have is meant; the others are at fault.
    best = max(range(len(SHAPES)), key=lambda number: matches[number].sum())
    _, rest, form, fineness = SHAPES[best]
    known = matches[best]
    days = (text.set(~known, None) + rest).str.to_date(form, strict=False)
    form_words = "the form of the others" if known.any() else "a form such as 1945-05 or 194505"
    checks.refuse(
        leaves.filter(days.is_null()), f"values are no dates in {form_words}", "correct them, or make them null"
    )
    return days, fineness


def _label(unit: str) -> pl.Expr:
    day, months = pl.col("day"), _months(unit)
    plain = WRITTEN.get(unit if unit == "week" else months)
    if plain is not None:
        return day.dt.strftime(plain)
    year = day.dt.year().cast(pl.Int64)
    if months == 3:
        return pl.format("{}-Q{}", _padded(year, 4), day.dt.quarter())
    if months < 12:
        first = (day.dt.month().cast(pl.Int64) - 1) // months * months + 1
        return pl.format("{}-{} to {}", _padded(year, 4), _padded(first, 2), _padded(first + months - 1, 2))
    first = year // (months // 12) * (months // 12)
    return pl.format("{}-{}", _padded(first, 4), _padded(first + months // 12 - 1, 4))


def _padded(number: pl.Expr, digits: int) -> pl.Expr:
    return number.cast(pl.String).str.zfill(digits)
