"""The reader's attack: what a released table tells about its small cells.

Works from released values only, with a solver (HiGHS through scipy) that the gate does not use.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, inf
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

if TYPE_CHECKING:
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


def attack(release: Release) -> Attack:
    """Find the tightest interval for each small or withheld cell of a release.

    Per cell, the smallest and the largest value over all solutions of the table's relations, given what is shown and
    what the statuses say: the audit of Fischetti and Salazar-Gonzalez (Management Science 47, 2001).

    Parameters
    ----------
    release
        The table under attack.

    Returns
    -------
    Attack
        The intervals in whole persons; `str` of it is the verdict.
    """
    statuses = _statuses(release)
    bounds = _bounds(release, statuses)
    hidden = [cell for cell, status in enumerate(statuses) if status != "shown"]
    column = {cell: j for j, cell in enumerate(hidden)}
    entries: list[tuple[int, int, float]] = []
    constants: list[float] = []
    for total, parts in release.relations:
        members = [(total, 1.0), *((part, -1.0) for part in parts)]
        free = [(len(constants), column[cell], sign) for cell, sign in members if cell in column]
        if free:
            entries += free
            constants.append(-sum(sign * bounds[cell][0] for cell, sign in members if cell not in column))
    rows, columns, signs = zip(*entries, strict=True) if entries else ((), (), ())
    matrix: Any = coo_array((signs, (rows, columns)), shape=(len(constants), len(hidden))).tocsr() if entries else None
    limits = [bounds[cell] for cell in hidden]

    def extreme(cell: int, sign: float) -> float:
        cost = np.zeros(len(hidden))
        cost[column[cell]] = sign
        answer: Any = linprog(cost, A_eq=matrix, b_eq=constants or None, bounds=limits, method="highs")
        if answer.status == 3:
            return inf
        if answer.status != 0:
            raise RuntimeError(f"the solver gave up on this table: {answer.message}")
        return sign * float(answer.fun)

    intervals = []
    for cell in hidden:
        position = release.cells[cell]
        if position is None or statuses[cell] not in {"small", "withheld"}:
            continue
        low, high = extreme(cell, 1.0), extreme(cell, -1.0)
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
    return Attack(tuple(intervals), release.rules.min_cell)


def _statuses(release: Release) -> list[str]:
    return ["implied" if at is None else release.statuses[at[0]][at[1]] for at in release.cells]


def _bounds(release: Release, statuses: list[str]) -> list[tuple[float, float | None]]:
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
    bounds: list[tuple[float, float | None]] = []
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
