"""How a release is laid out for readers: row by row, or with the levels of its last dimension side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kohort.release.cross import TOTAL

if TYPE_CHECKING:
    from kohort.release.released import Release

# More levels beside each other than this are hard to read.
_WIDEST = 8


@dataclass(frozen=True, slots=True)
class Grid:
    """The heads of a table, and which cell of the release stands where.

    Attributes
    ----------
    stub
        Names of the dimensions on the left.
    columns
        Heads of the columns of numbers.
    spanner
        What stands above them: the dimension whose levels they are, or nothing.
    rows
        The labels on the left, and the cells (row, measure) of the release beside them; None where there is none.
    """

    stub: tuple[str, ...]
    columns: tuple[str, ...]
    spanner: str
    rows: tuple[tuple[tuple[str, ...], tuple[tuple[int, int] | None, ...]], ...]

    def totals(self) -> list[int]:
        """Return the positions of the rows that are margins."""
        return [i for i, (labels, _) in enumerate(self.rows) if any(label.strip() == TOTAL for label in labels)]


def grid_of(release: Release) -> Grid:
    """Lay a release out: a table of one count and few levels as papers print it, all others row by row."""
    if len(release.measures) == 1 and len(release.dimensions) > 1 and release.kind == "table":
        levels = tuple(dict.fromkeys(labels[-1] for labels in release.labels))
        if len(levels) <= _WIDEST:
            return _beside(release, levels)
    rows = tuple(
        (_set_in(release, row), tuple((row, j) for j in range(len(release.measures))))
        for row in range(len(release.labels))
    )
    # Names of a user's own columns stay; ours are words.
    own = release.kind == "table"
    heads = tuple(measure.name if own else measure.name.replace("_", " ") for measure in release.measures)
    return Grid(release.dimensions, heads, "", rows)


def _set_in(release: Release, row: int) -> tuple[str, ...]:
    """Return the labels of a row, those of hierarchies set in by their depth."""
    depths = [level.depth for level in release.levels[row]] if release.levels else [0] * len(release.dimensions)
    return tuple("\u2002" * 2 * depth + label for depth, label in zip(depths, release.labels[row], strict=True))


def _beside(release: Release, levels: tuple[str, ...]) -> Grid:
    where = {labels: row for row, labels in enumerate(release.labels)}
    rows = []
    first = {labels[:-1]: row for row, labels in reversed(list(enumerate(release.labels)))}
    for left in dict.fromkeys(labels[:-1] for labels in release.labels):
        found = [where.get((*left, level)) for level in levels]
        rows.append((_set_in(release, first[left])[:-1], tuple(None if row is None else (row, 0) for row in found)))
    return Grid(release.dimensions[:-1], levels, release.dimensions[-1], tuple(rows))
