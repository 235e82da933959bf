"""What a reader knows of each cell of a release before using a relation: what is shown, and what statuses say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort.release.blurred import shown_bounds

if TYPE_CHECKING:
    from kohort.release.released import Release

Bound = tuple[float, float | None]


def statuses_of(release: Release) -> list[str]:
    """Return the status of each cell; cells that are not in the table are "implied"."""
    return ["implied" if at is None else release.statuses[at[0]][at[1]] for at in release.cells]


def bounds_of(release: Release, *, closely: bool = True) -> list[Bound]:
    """Return the least and the largest value of each cell; None without a limit.

    With `closely`, margins of controlled rounding are taken to lie within the base of the exact ones.
    """
    statuses, least = statuses_of(release), release.rules.min_cell
    totals = {total for total, _ in release.relations}
    may_be_zero = _may_be_zero(release, statuses)
    bounds: list[Bound] = []
    for cell, status in enumerate(statuses):
        floor_ = 0 if may_be_zero[cell] or is_magnitude(release, cell) else 1
        if status == "shown":
            bounds.append(_shown(release, cell, totals, closely=closely))
        elif status == "small":
            bounds.append((floor_, least - 1))
        elif status == "protective":
            bounds.append((least, None))
        else:
            bounds.append((0 if status == "implied" else floor_, None))
    return bounds


def is_magnitude(release: Release, cell: int) -> bool:
    """Whether a cell is a sum or a count of units, not of persons."""
    position = release.cells[cell]
    return position is not None and release.measures[position[1]].kind == "magnitude"


def is_whole(release: Release, cell: int) -> bool:
    """Whether a cell holds whole numbers only."""
    position = release.cells[cell]
    return position is None or release.measures[position[1]].whole


def _shown(release: Release, cell: int, totals: set[int], *, closely: bool) -> Bound:
    if is_magnitude(release, cell):
        value, slack = _value(release, cell) or 0, _slack(release, cell)
        return value - slack, value + slack
    return shown_bounds(release, cell, totals, closely=closely)


def _may_be_zero(release: Release, statuses: list[str]) -> list[bool]:
    """Whether a reader must reckon with a zero in each cell, were it hidden."""
    group = [not release.rules.show_zeros] * len(statuses)
    for total, parts in release.relations:
        # A group of few persons is not broken down, zeros included; nor is one withheld with all its parts.
        blank = statuses[total] == "withheld" and all(_value(release, part) in {None, 0} for part in parts)
        if statuses[total] == "small" or blank:
            for part in parts:
                group[part] = True
    for line in release.sensitive:
        # A line that group disclosure withholds holds its zeros back as well.
        parts = release.relations[line][1]
        if all(statuses[part] in {"withheld", "implied"} or not _value(release, part) for part in parts):
            for part in parts:
                group[part] = True
    counts = [cell for cell in range(len(statuses)) if not is_magnitude(release, cell)]
    if all(statuses[cell] in {"withheld", "implied"} for cell in counts):
        group = [True] * len(statuses)
    return group


def _value(release: Release, cell: int) -> float | None:
    position = release.cells[cell]
    return None if position is None else release.values[position[0]][position[1]]


def _slack(release: Release, cell: int) -> float:
    """Return how far a shown sum may be from the true one, by its decimals."""
    position = release.cells[cell]
    if position is None or is_whole(release, cell):
        return 0.0
    return 0.5 * 10.0 ** -release.measures[position[1]].decimals + 1e-12 * abs(_value(release, cell) or 0)
