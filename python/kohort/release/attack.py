"""The reader's attack: what a released table tells about its small cells.

Works from released values only, with a solver (HiGHS through scipy) other than the one that certifies in the gate.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, floor, inf
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

from kohort.errors import ArgumentError
from kohort.release.gate.joint import name_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kohort.release.released import Release, Status

_NOISE = 1e-6


@dataclass(frozen=True, slots=True)
class Interval:
    """The whole numbers that a hidden cell may be, as far as a reader can tell; `high` is None without a limit."""

    row: tuple[str, ...]
    measure: str
    status: Status
    low: int
    high: int | None

    @property
    def width(self) -> float:
        """How many values are possible."""
        return inf if self.high is None else self.high - self.low + 1


@dataclass(frozen=True, slots=True)
class Attack:
    """The intervals found for every small or withheld cell, and the verdict."""

    intervals: tuple[Interval, ...]
    min_cell: int

    @property
    def tightest(self) -> Interval | None:
        """The narrowest interval found for a small cell."""
        return min(
            (found for found in self.intervals if found.status == "small"), key=lambda found: found.width, default=None
        )

    def __str__(self) -> str:
        tightest, withheld = self.tightest, sum(found.status == "withheld" for found in self.intervals)
        if tightest is None:
            verdict = "No cell is marked as small: there is no interval to narrow."
        else:
            where = " / ".join((*tightest.row, tightest.measure))
            verdict = (
                f"Small cells attacked by linear programming: {len(self.intervals) - withheld}; the tightest interval "
                f"is {tightest.low} to {tightest.high} persons ({where})."
            )
        return f"{verdict} Withheld cells attacked: {withheld}." if withheld else verdict

    __repr__ = __str__


def attack(*releases: Release) -> Attack:
    """Find the tightest interval for each small or withheld cell of a release, or of several taken together.

    Per cell, the smallest and the largest value over all solutions of the tables' relations, given what is shown and
    what the statuses say: the audit of Fischetti and Salazar-Gonzalez (Management Science 47, 2001). Cells of equal
    labels, totals left out, are the same persons in every table.

    Parameters
    ----------
    *releases
        The tables under attack; several must be of one population.

    Returns
    -------
    Attack
        The intervals in whole persons; `str` of it is the verdict.

    Raises
    ------
    ArgumentError
        If tables contradict each other.

    Examples
    --------
    >>> import polars as pl
    >>> from kohort.release import attack, release_table
    >>> df = pl.DataFrame({"sex": ["f", "m", "x"], "n": [120, 340, 3]})
    >>> attack(release_table(df, dimensions=["sex"])).tightest.high
    10
    """
    system = together(releases)
    solver = _Solver(system)
    intervals = []
    for release, cells in zip(releases, system.numbers, strict=True):
        for cell, position, status in zip(cells, release.cells, _statuses(release), strict=True):
            if position is None or status not in {"small", "withheld"}:
                continue
            low, high = solver.extreme(cell, 1.0), solver.extreme(cell, -1.0)
            row, measure = position
            intervals.append(
                Interval(
                    release.labels[row],
                    release.measures[measure].name,
                    release.statuses[row][measure],
                    ceil(low - _NOISE),
                    None if high == inf else floor(high + _NOISE),
                )
            )
    return Attack(tuple(intervals), max(release.rules.min_cell for release in releases))


class _Solver:
    """The linear program over the cells that are not known, and the extremes found so far."""

    def __init__(self, system: System) -> None:
        self.bounds = system.bounds
        free = [cell for cell, (low, high) in enumerate(system.bounds) if high is None or low < high]
        self.column = {cell: j for j, cell in enumerate(free)}
        self.limits = [system.bounds[cell] for cell in free]
        self.constants: list[float] = []
        self._found: dict[tuple[int, float], float] = {}
        entries: list[tuple[int, int, float]] = []
        for total, parts in system.relations:
            members = [(total, 1.0), *((part, -1.0) for part in parts)]
            found = [(len(self.constants), self.column[cell], sign) for cell, sign in members if cell in self.column]
            if found:
                entries += found
                known = (sign * system.bounds[cell][0] for cell, sign in members if cell not in self.column)
                self.constants.append(-sum(known))
        self.matrix: Any = None
        if entries:
            rows, columns, signs = zip(*entries, strict=True)
            self.matrix = coo_array((signs, (rows, columns)), shape=(len(self.constants), len(free))).tocsr()

    def extreme(self, cell: int, sign: float) -> float:
        """Return the least (sign 1) or greatest (-1) value of a cell over all solutions."""
        if cell not in self.column:
            return self.bounds[cell][0]
        if (cell, sign) not in self._found:
            self._found[cell, sign] = self._solve(cell, sign)
        return self._found[cell, sign]

    def _solve(self, cell: int, sign: float) -> float:
        cost = np.zeros(len(self.limits))
        cost[self.column[cell]] = sign
        answer: Any = linprog(cost, A_eq=self.matrix, b_eq=self.constants or None, bounds=self.limits, method="highs")
        if answer.status == 3:
            return inf
        if answer.status == 2:
            raise ArgumentError("the tables contradict each other: attack tables of one population and one rule")
        if answer.status != 0:
            raise RuntimeError(f"the solver gave up on this table: {answer.message}")
        return sign * float(answer.fun)


_Bound = tuple[float, float | None]


@dataclass(slots=True)
class System:
    """What a reader knows of several tables: cells, bounds and relations, and names by which cells are found again."""

    names: dict[Any, int] = field(default_factory=dict)
    # The number of each cell of each release.
    numbers: list[list[int]] = field(default_factory=list)
    bounds: list[_Bound] = field(default_factory=list)
    relations: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)


def together(releases: Sequence[Release]) -> System:
    """Return several tables as one system; cells of equal labels, totals left out, are one.

    Raises
    ------
    ArgumentError
        If the tables contradict each other.
    """
    system = System()
    bounds = system.bounds
    for release in releases:
        counts = [measure.name for measure in release.measures if measure.kind == "count"]
        mine = []
        for at, (low, high) in zip(release.cells, _bounds(release, _statuses(release)), strict=True):
            name = None if at is None else name_of(release.dimensions, release.labels[at[0]], counts, at[1])
            cell = len(bounds) if name is None else system.names.setdefault(name, len(bounds))
            if cell == len(bounds):
                bounds.append((low, high))
            else:
                least, most = bounds[cell]
                bounds[cell] = (max(low, least), high if most is None else most if high is None else min(high, most))
            mine.append(cell)
        system.numbers.append(mine)
        system.relations += [(mine[total], tuple(mine[part] for part in parts)) for total, parts in release.relations]
    if any(high is not None and low > high for low, high in bounds):
        raise ArgumentError("the tables contradict each other: attack tables of one population and one rule")
    return system


def _statuses(release: Release) -> list[str]:
    return ["implied" if at is None else release.statuses[at[0]][at[1]] for at in release.cells]


def _bounds(release: Release, statuses: list[str]) -> list[_Bound]:
    """Return what a reader knows of each cell before using a relation."""
    least = release.rules.min_cell
    group = [not release.rules.show_zeros] * len(statuses)
    for total, parts in release.relations:
        # A group of few persons is not broken down, zeros included; nor is one withheld with all its parts.
        blank = statuses[total] == "withheld" and all(_value(release, part) in {None, 0} for part in parts)
        if statuses[total] == "small" or blank:
            for part in parts:
                group[part] = True
    if all(status in {"withheld", "implied"} for status in statuses):
        group = [True] * len(statuses)
    bounds: list[_Bound] = []
    for cell, status in enumerate(statuses):
        floor_ = 0 if group[cell] else 1
        if status == "shown":
            value = _value(release, cell)
            bounds.append((value or 0, value or 0))
        elif status == "small":
            bounds.append((floor_, least - 1))
        elif status == "protective":
            bounds.append((least, None))
        else:
            bounds.append((0 if status == "implied" else floor_, None))
    return bounds


def _value(release: Release, cell: int) -> float | None:
    position = release.cells[cell]
    return None if position is None else release.values[position[0]][position[1]]
