"""The reader's attack: what a released table tells about its small cells.

Works from released values only, with a solver (HiGHS through scipy) that the gate does not use.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, floor, inf
from typing import TYPE_CHECKING, Any

from scipy.sparse import coo_array

from kohort.errors import ArgumentError
from kohort.release.blurred import value_bounds
from kohort.release.extremes import Extremes, NoSolutionError
from kohort.release.gate.joint import name_of
from kohort.release.knowledge import Bound, bounds_of, is_magnitude, is_whole, statuses_of
from kohort.release.protections import DifferentialPrivacy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kohort.release.released import Release, Status

_NOISE = 1e-6


@dataclass(frozen=True, slots=True)
class Interval:
    """What a hidden cell may be, as far as a reader can tell; `high` is None without a limit.

    Whole numbers, but for sums that are not.
    """

    row: tuple[str, ...]
    measure: str
    status: Status
    low: float
    high: float | None

    @property
    def width(self) -> float:
        """How many values are possible."""
        return inf if self.high is None else self.high - self.low + 1


@dataclass(frozen=True, slots=True)
class Attack:
    """The intervals found for every small or withheld cell, or shown cell that may be small, and the verdict."""

    intervals: tuple[Interval, ...]
    min_cell: int
    note: str = ""

    @property
    def tightest(self) -> Interval | None:
        """The narrowest interval found for a small cell, or for a rounded or perturbed one that may be small."""
        return min(
            (found for found in self.intervals if found.status != "withheld"),
            key=lambda found: found.width,
            default=None,
        )

    def __str__(self) -> str:
        if self.note:
            return self.note
        tightest, withheld = self.tightest, sum(found.status == "withheld" for found in self.intervals)
        if tightest is None:
            verdict = "No cell is marked as small: there is no interval to narrow."
        else:
            where = " / ".join((*tightest.row, tightest.measure))
            shown = any(found.status == "shown" for found in self.intervals)
            cells = f"Counts that may be below {self.min_cell}" if shown else "Small cells"
            verdict = (
                f"{cells} attacked by linear programming: {len(self.intervals) - withheld}; the tightest interval "
                f"is {tightest.low} to {tightest.high} persons ({where})."
            )
        return f"{verdict} Withheld cells attacked: {withheld}." if withheld else verdict

    __repr__ = __str__


def attack(*releases: Release) -> Attack:
    """Find the tightest interval for each small or withheld cell of a release, and each shown one that may be small.

    Per cell, the smallest and the largest value over all solutions of the tables' relations, given what is shown and
    what the statuses say: the audit of Fischetti and Salazar-Gonzalez (Management Science 47, 2001). Of several tables,
    cells of equal labels, totals left out, are the same persons. A rounded or perturbed count is known up to its base or
    its largest change, and the relations hold between the counts behind the table. Differential privacy bounds no
    count; its guarantee takes the place of an interval.

    Parameters
    ----------
    *releases
        The table under attack, or tables of one population that are attacked together.

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
    least = max(release.rules.min_cell for release in releases)
    for release in releases:
        if isinstance(release.rules.protection, DifferentialPrivacy):
            note = "No count is bounded: the noise of differential privacy has no largest value. "
            return Attack((), least, note + release.rules.protection.footnote())
    try:
        return Attack(tuple(_intervals(releases, closely=True)), least)
    except NoSolutionError:
        pass
    try:
        # A reader who expects margins of controlled rounding within the base sees that they are not.
        return Attack(tuple(_intervals(releases, closely=False)), least)
    except NoSolutionError:
        raise ArgumentError("the tables contradict each other: attack tables of one population and one rule") from None


def _intervals(releases: Sequence[Release], *, closely: bool) -> Iterator[Interval]:
    system = together(releases, closely=closely)
    wanted = [
        (release, number, cell)
        for release, cells in zip(releases, system.numbers, strict=True)
        for number, (cell, status) in enumerate(zip(cells, statuses_of(release), strict=True))
        if release.cells[number] is not None
        and (status in {"small", "withheld"} or (status == "shown" and _may_be_small(release, number)))
    ]
    lows, highs = (system.extremes([cell for *_, cell in wanted], sign) for sign in (1.0, -1.0))
    for release, number, cell in wanted:
        row, measure = release.cells[number] or (0, 0)
        whole, low, high = is_whole(release, number), lows[cell], highs[cell]
        yield Interval(
            release.labels[row],
            release.measures[measure].name,
            release.statuses[row][measure],
            ceil(low - _NOISE) if whole else low,
            None if high == inf else floor(high + _NOISE) if whole else high,
        )


def _may_be_small(release: Release, cell: int) -> bool:
    """Whether a shown count may, by rounding or perturbation, stand for fewer persons than the threshold."""
    if is_magnitude(release, cell):
        return False
    low, high = value_bounds(release, cell)
    return low < release.rules.min_cell and low < high


@dataclass(slots=True)
class System:
    """What a reader knows of several tables: cells, bounds and relations, and names by which cells are found again."""

    names: dict[Any, int] = field(default_factory=dict)
    # The number of each cell of each release.
    numbers: list[list[int]] = field(default_factory=list)
    bounds: list[Bound] = field(default_factory=list)
    relations: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)

    def extremes(self, cells: Sequence[int], sign: float) -> dict[int, float]:
        """Return the smallest (sign 1) or largest (sign -1) value of cells over all solutions."""
        bounds = self.bounds
        free = [cell for cell, (low, high) in enumerate(bounds) if high is None or low < high]
        column = {cell: j for j, cell in enumerate(free)}
        entries: list[tuple[int, int, float]] = []
        constants: list[float] = []
        for total, parts in self.relations:
            members = [(total, 1.0), *((part, -1.0) for part in parts)]
            found = [(len(constants), column[cell], one) for cell, one in members if cell in column]
            if found:
                entries += found
                constants.append(-sum(one * bounds[cell][0] for cell, one in members if cell not in column))
        rows, columns, signs = zip(*entries, strict=True) if entries else ((), (), ())
        shape = (len(constants), len(free))
        matrix: Any = coo_array((signs, (rows, columns)), shape=shape).tocsr() if entries else None
        solved = Extremes(matrix, constants, [bounds[cell] for cell in free])
        wanted = list(dict.fromkeys(column[cell] for cell in cells if cell in column))
        answer = solved.find(wanted, sign) if wanted else {}
        return {cell: answer[column[cell]] if cell in column else bounds[cell][0] for cell in cells}


def together(releases: Sequence[Release], *, closely: bool = True) -> System:
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
        for at, (low, high) in zip(release.cells, bounds_of(release, closely=closely), strict=True):
            # Sums are of their own table: another one's may be of another value.
            shared = at is not None and release.measures[at[1]].kind == "count"
            name = name_of(release.dimensions, release.labels[at[0]], counts, at[1]) if at and shared else None
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
