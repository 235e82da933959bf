"""The forecast of a crossing: how many persons columns of the population single out, before anything is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from kohort import _core
from kohort._progress import progress_bar
from kohort.display import card, note
from kohort.display.html import table
from kohort.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kohort.warehouse import Warehouse

EPOCH = date(1970, 1, 1)
_COMMUNE = pl.col("commune")
# Overseas, three characters name the département.
_DEPARTEMENT = pl.when(_COMMUNE.str.starts_with("97")).then(_COMMUNE.str.head(3)).otherwise(_COMMUNE.str.head(2))
_COLUMNS = {
    "sex": pl.col("sex"),
    "birth_month": pl.col("birth_month"),
    "birth_year": pl.col("birth_month").dt.year(),
    "commune": _COMMUNE,
    "departement": _DEPARTEMENT,
    "death_date": pl.col("death"),
    "death_year": pl.col("death").dt.year(),
}
_COARSER = {"birth_month": "birth_year", "commune": "departement", "death_date": "death_year"}


@dataclass(frozen=True, slots=True)
class Crossing:
    """What some columns together tell of the population.

    Attributes
    ----------
    columns
        The columns that are crossed.
    unique, small
        Shares, as fractions of 1, of persons who are alone with their values, and of persons who share them with fewer
        than the threshold, themselves included; rounded so that a step stands for at least as many persons as the
        threshold.
    """

    columns: tuple[str, ...]
    unique: float
    small: float


@dataclass(frozen=True, slots=True, repr=False)
class Forecast:
    """How far a crossing would single persons out, and what coarser ones would; made by :func:`forecast`.

    Attributes
    ----------
    crossings
        The crossing that was asked for, then the coarser ones: a column one step coarser, or left out.
    day
        The day of which the residence counts.
    min_cell
        The threshold below which a cell is small.
    step
        The step that shares are rounded to.
    """

    crossings: tuple[Crossing, ...]
    day: date
    min_cell: int
    step: float

    @property
    def unique(self) -> float:
        """The share of persons whom the crossing that was asked for leaves alone."""
        return self.crossings[0].unique

    @property
    def small(self) -> float:
        """The share of persons in cells below the threshold, in the crossing that was asked for."""
        return self.crossings[0].small

    @property
    def frame(self) -> pl.DataFrame:
        """The crossings as a polars frame: `crossing`, `unique`, `small`."""
        rows = [(" x ".join(crossing.columns), crossing.unique, crossing.small) for crossing in self.crossings]
        return pl.DataFrame(rows, {"crossing": pl.String, "unique": pl.Float64, "small": pl.Float64}, orient="row")

    def _rows(self) -> list[tuple[str, str, str]]:
        decimals = max(0, len(f"{self.step:.10f}".rstrip("0")) - 4)

        def percent(share: float) -> str:
            return f"{100 * share:.{decimals}f} %"

        return [(" x ".join(c.columns), percent(c.unique), percent(c.small)) for c in self.crossings]

    def __repr__(self) -> str:
        rows = [("crossing", "alone", f"fewer than {self.min_cell}"), *self._rows()]
        widths = [max(len(row[j]) for row in rows) for j in range(3)]
        lines = [f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}" for row in rows]
        return "\n".join(["Persons singled out by a crossing", *lines])

    def _repr_html_(self) -> str:
        head = ["crossing", "alone", f"with fewer than {self.min_cell}"]
        below = f"Shares of all persons; residence on {self.day}. The first row is what was asked for."
        return card("Persons singled out by a crossing", table(head, self._rows(), numeric=(1, 2)), note(below))


def forecast(
    warehouse: Warehouse, columns: Sequence[str], *, day: date | None = None, progress: bool = True
) -> Forecast:
    """Forecast how many persons a crossing of columns would single out, exactly, on the warehouse's own population.

    Parameters
    ----------
    warehouse
        An open warehouse.
    columns
        What is crossed, of "sex", "birth_month", "birth_year", "commune", "departement", "death_date", "death_year".
    day
        The day of which the residence counts; by default the last day under observation. Who lived nowhere known that
        day, or has not died, shares one value.
    progress
        Show progress when it takes more than a second.

    Returns
    -------
    Forecast
        Shares of persons alone with their values, and in cells below the output rules' threshold; for the crossing, and
        for each that is one step coarser.

    Raises
    ------
    ArgumentError
        If no column is given, one twice, or one that there is not.

    Notes
    -----
    The five potential identifiers of the SNDS, and why they are not crossed without need, are in the Health Data Hub's
    documentation. Sex, month of birth and commune leave a fifth of the French population alone.

    Examples
    --------
    >>> import kohort as kh
    >>> found = kh.forecast(kh.demo(), ["sex", "birth_month", "commune"])
    >>> found.unique > kh.forecast(kh.demo(), ["sex", "birth_year", "departement"]).unique
    True
    """
    names = _named(columns)
    period = warehouse.period
    asked = day or (period[1] if period else EPOCH)
    crossings = list(_crossings(names))
    with progress_bar("forecast", show=progress) as callback:
        rows = pl.DataFrame(_core.people(warehouse._core, (asked - EPOCH).days, callback))  # noqa: SLF001
    least = warehouse.rules.min_cell
    step = _step(rows.height, least)
    found = [_measure(rows, crossing, least, step) for crossing in crossings]
    return Forecast(tuple(found), asked, least, step)


def _named(columns: Iterable[str]) -> tuple[str, ...]:
    names = (columns,) if isinstance(columns, str) else tuple(columns)
    for name in names:
        if name not in _COLUMNS:
            raise ArgumentError(f"there is no column {name!r} to cross: there are {', '.join(_COLUMNS)}")
        if names.count(name) > 1:
            raise ArgumentError(f"column {name!r} is named twice: name each once")
    if not names:
        raise ArgumentError(f"there is nothing to cross: name columns of {', '.join(_COLUMNS)}")
    return names


def _crossings(names: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    yield names
    for at, name in enumerate(names):
        if name in _COARSER and _COARSER[name] not in names:
            yield (*names[:at], _COARSER[name], *names[at + 1 :])
        if len(names) > 1:
            yield (*names[:at], *names[at + 1 :])


def _measure(rows: pl.DataFrame, names: tuple[str, ...], least: int, step: float) -> Crossing:
    sizes = _core.class_sizes(rows.select(_COLUMNS[name].alias(name) for name in names), list(names))

    def share(below: int) -> float:
        persons = sum(size * count for size, count in sizes if size < below)
        return round(persons / rows.height / step) * step if rows.height else 0.0

    return Crossing(names, share(2), share(least))


def _step(persons: int, least: int) -> float:
    """Return the finest decimal step of a share that stands for at least so many persons."""
    step = 1.0
    while step > 1e-4 and persons * step / 10 >= least:
        step /= 10
    return step
