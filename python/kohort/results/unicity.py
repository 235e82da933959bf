"""Trajectory unicity: the share of persons whom a few of their own events single out."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any

import polars as pl

from kohort.definition import CodeGroups, Events
from kohort.display import card, note, table
from kohort.display.figure import figure
from kohort.errors import ArgumentError, DefinitionError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kohort.warehouse import Warehouse

COARSENINGS = ("day", "week", "month", "quarter", "year")
#: Nobody is known by more events than this before the answer is 100 %.
MOST_POINTS = 50
#: The normal quantile of a 95 % interval.
QUANTILE = 1.959963984540054


@dataclass(frozen=True, slots=True)
class UnicityRow:
    """Unicity for one number of events known, and one coarsening of their days.

    Attributes
    ----------
    coarsening
        How well days are known.
    points
        How many events are known.
    persons
        How many sampled persons have so many distinct events, rounded down to tens.
    share, low, high
        The share of them who are singled out, and the bounds of its 95 % interval (Wilson), in whole percents as
        fractions of 1; None where fewer persons were sampled than the output rules ask for.
    """

    coarsening: str
    points: int
    persons: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Unicity:
    """How many persons a few of their own events single out; made by :meth:`kohort.Warehouse.unicity`.

    Attributes
    ----------
    events
        The events that an attacker may know of, in words.
    hospital
        The column whose value is known of each event, too, if any.
    rows
        A row per coarsening and number of events known.
    """

    events: str
    hospital: str | None
    rows: tuple[UnicityRow, ...]

    @property
    def frame(self) -> pl.DataFrame:
        """The rows as a polars frame; shares are fractions of 1, rounded to whole percents.

        Examples
        --------
        >>> import kohort as kh
        >>> found = kh.demo().unicity("drug", points=[1, 4], coarsening=["week", "year"], samples=200)
        >>> found.frame.select("coarsening", "points").rows()
        [('week', 1), ('week', 4), ('year', 1), ('year', 4)]
        """
        shares = dict.fromkeys(("share", "low", "high"), pl.Float64)
        schema = {"coarsening": pl.String, "points": pl.Int64, "persons": pl.Int64, **shares}
        return pl.DataFrame([[getattr(row, name) for name in schema] for row in self.rows], schema, orient="row")

    def share(self, points: int, coarsening: str) -> float | None:
        """Look up the share of persons who are singled out; None where it is hidden.

        Raises
        ------
        ArgumentError
            When this number of events or this coarsening was not asked for.
        """
        for row in self.rows:
            if (row.points, row.coarsening) == (points, coarsening):
                return row.share
        raise ArgumentError(f"{points!r} events by {coarsening!r} were not asked for: ask wh.unicity(...) for them")

    def plot(self) -> Any:
        """Draw the shares by number of events known, a line per coarsening with its interval.

        Returns
        -------
        matplotlib.figure.Figure
            The chart, which a notebook shows.

        Raises
        ------
        ArgumentError
            When matplotlib is not installed.
        """
        chart = figure(7.5, 4.2)
        axes = chart.add_subplot()
        shades = ("#123b57", "#2f6f9f", "#5f9fc9", "#c08a2d", "#8c5a1e")
        for number, coarsening in enumerate(self._coarsenings()):
            rows = [row for row in self.rows if row.coarsening == coarsening and row.share is not None]
            points = [row.points for row in rows]
            shares = [100 * (row.share or 0) for row in rows]
            color = shades[number % len(shades)]
            axes.plot(points, shares, "o-", color=color, linewidth=1.5, markersize=4, label=f"to the {coarsening}")
            low, high = [100 * (row.low or 0) for row in rows], [100 * (row.high or 0) for row in rows]
            axes.fill_between(points, low, high, color=color, alpha=0.15, linewidth=0)
        axes.set(ylim=(0, 102), xlabel="events known of a person", ylabel="persons singled out, %")
        axes.set_title(f"Unicity of {self._what()}")
        axes.set_xticks(sorted({row.points for row in self.rows}))
        axes.legend(title="days known", frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
        return chart

    def _coarsenings(self) -> list[str]:
        return list(dict.fromkeys(row.coarsening for row in self.rows))

    def _what(self) -> str:
        return self.events if self.hospital is None else f"{self.events}, with {self.hospital}"

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        points = list(dict.fromkeys(row.points for row in self.rows))
        by = {(row.coarsening, row.points): row for row in self.rows}
        cells = [[name, *(_percent(by[name, number].share) for number in points)] for name in self._coarsenings()]
        return [f"{number} event{'s' * (number > 1)}" for number in points], cells

    def __repr__(self) -> str:
        head, cells = self._cells()
        width = max(len(name) for name in (*head, "quarter"))
        lines = ["  ".join(cell.rjust(width) for cell in ("", *head))]
        lines += ["  ".join(cell.rjust(width) for cell in row) for row in cells]
        return "\n".join([f"Unicity of {self._what()}: persons singled out by events known", *lines])

    def _repr_html_(self) -> str:
        head, cells = self._cells()
        return card(
            f"Unicity of {self._what()}",
            table(["days known to the", *head], cells, numeric=range(1, len(head) + 1)),
            note(
                "The share of persons who are the only one in the warehouse with so many of their own events, drawn at "
                "random: the codes, and the first days as well as they are known. Shares of a sample, in whole "
                "percents; persons with fewer events are left out."
            ),
        )


def events_of(events: Sequence[str | Events], domains: Sequence[str]) -> list[Events]:
    """Read what a user names as events: domains, queries, or nothing for all domains."""
    found = []
    for given in events or domains:
        if isinstance(given, str):
            if given not in domains:
                raise DefinitionError(f"the warehouse has no domain {given!r}: it has {', '.join(domains) or 'none'}")
            found.append(Events(given))
        elif not isinstance(given, Events):
            raise DefinitionError(
                f"a {type(given).__name__} names no events: give a domain's name, or events such as "
                'kh.drug(kh.codes("ATC", "A10*"))'
            )
        elif isinstance(given.codes, CodeGroups):
            raise DefinitionError(f"{given.codes} groups codes, which events of a trajectory are not: give a code set")
        else:
            found.append(given)
    if not found:
        raise DefinitionError("the warehouse has no events: there is no trajectory to follow")
    return found


def measure(
    warehouse: Warehouse,
    events: Sequence[Events],
    *,
    points: Iterable[int],
    coarsening: Iterable[str],
    samples: int,
    hospital: str | None,
    seed: int,
    progress: Callable[[int, int], None] | None,
) -> Unicity:
    """Check the arguments, ask the core, and round what it says."""
    numbers = sorted({_whole("a number of points", number, MOST_POINTS) for number in _several("points", points)})
    named = [coarsening] if isinstance(coarsening, str) else list(dict.fromkeys(_several("coarsening", coarsening)))
    for name in named:
        if name not in COARSENINGS:
            raise ArgumentError(f"coarsening must be of {', '.join(map(repr, COARSENINGS))}, got {name!r}")
    if not numbers or not named:
        raise ArgumentError("points and coarsening must not be empty: say how much is known of a person")
    if hospital is not None and not isinstance(hospital, str):
        raise ArgumentError(f"hospital must be the name of a column, got {type(hospital).__qualname__}")
    counts = warehouse._core.unicity(  # noqa: SLF001
        json.dumps([query.plan() for query in events]),
        place=hospital,
        points=numbers[-1],
        buckets=named,
        samples=_whole("samples", samples, 2**32 - 1),
        seed=_whole("seed", seed, 2**64 - 1, least=0),
        progress=progress,
    )
    least = warehouse.rules.min_cell
    rows = [
        _row(name, number, *of_name[number - 1], least)
        for name, of_name in zip(named, counts, strict=True)
        for number in numbers
    ]
    return Unicity(" and ".join(query.phrase(plural=True) for query in events), hospital, tuple(rows))


def _row(coarsening: str, points: int, persons: int, alone: int, least: int) -> UnicityRow:
    shown = persons // 10 * 10
    if persons < max(least, 1):
        return UnicityRow(coarsening, points, shown, None, None, None)
    low, high = wilson(alone, persons)
    return UnicityRow(
        coarsening,
        points,
        shown,
        round(100 * alone / persons) / 100,
        math.floor(100 * low) / 100,
        math.ceil(100 * high) / 100,
    )


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """Bound a share with 95 % confidence (E. B. Wilson, JASA 22, 1927)."""
    share, weight = hits / trials, QUANTILE**2 / trials
    center = (share + weight / 2) / (1 + weight)
    reach = math.sqrt(share * (1 - share) * weight + weight**2 / 4) / (1 + weight)
    low = 0.0 if hits == 0 else max(0.0, center - reach)
    return low, 1.0 if hits == trials else min(1.0, center + reach)


def _percent(share: float | None) -> str:
    return "hidden" if share is None else f"{share:.0%}"


def _several(name: str, given: object) -> list[Any]:
    if isinstance(given, Iterable) and not isinstance(given, str):
        return list(given)
    raise ArgumentError(f"{name} must be several, such as a list, got {given!r}")


def _whole(name: str, given: object, most: int, *, least: int = 1) -> int:
    if isinstance(given, bool) or not isinstance(given, Integral) or not least <= int(given) <= most:
        raise ArgumentError(f"{name} must be a whole number from {least} to {most:,}, got {given!r}")
    return int(given)
