"""What the rules have decided, written down as a `Release`: only released values go in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort.release.gate.draft import NAMES
from kohort.release.released import Measure, Release

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kohort.release.gate.draft import Draft
    from kohort.release.gate.exact import Exact
    from kohort.release.released import Number, Status

_Relations = list[tuple[int, tuple[int, ...]]]


def publish(exact: Exact, draft: Draft, *, title: str, kind: str, context: Mapping[str, str] | None = None) -> Release:
    """Return the release that a draft amounts to; see `protect_table` for the arguments."""
    values: list[tuple[Number, ...]] = []
    statuses: list[tuple[Status, ...]] = []
    decisions: list[tuple[tuple[str, ...], ...]] = []
    for row in range(len(exact.labels)):
        cells = [exact.of.get((row, j)) for j in range(len(exact.counts))]
        marks = ["not applicable" if cell is None else NAMES[draft.statuses[cell]] for cell in cells]
        figures = [column[row] for column in (*(cells for _, cells in draft.columns), *draft.figures)]
        counts = (
            draft.released[cell] if cell is not None and mark == "shown" else None
            for cell, mark in zip(cells, marks, strict=True)
        )
        values.append((*counts, *(value for value, _ in figures)))
        statuses.append((*marks, *(status for _, status in figures)))
        decided = (() if cell is None else tuple(draft.decisions[cell]) for cell in cells)
        decisions.append((*decided, *(() for _ in figures)))
    # A reader sees a repeated cell as a cell of its own that equals the first.
    repeats = [at for at, cell in exact.of.items() if exact.positions[cell] != at]
    equal: _Relations = [(exact.of[at], (len(exact.persons) + n,)) for n, at in enumerate(repeats)]
    positions, sums = _of_columns(exact, draft, len(exact.positions) + len(repeats))
    return Release(
        title=title,
        kind=kind,
        dimensions=exact.dimensions,
        measures=(
            *(Measure(name, "count") for name in exact.counts),
            *(measure for measure, _ in draft.columns),
            *(figure.measure for figure in exact.derived),
        ),
        labels=tuple(exact.labels),
        values=tuple(values),
        statuses=tuple(statuses),
        decisions=tuple(decisions),
        cells=(*exact.positions, *repeats, *positions),
        relations=(*exact.relations, *equal, *sums),
        sensitive=tuple(line for line, _ in exact.sensitive),
        rules=draft.rules.published(),
        record=tuple(draft.record),
        context=tuple((str(name), str(value)) for name, value in (context or {}).items()),
        levels=tuple(exact.levels),
        needs=tuple(figure.needs for figure in exact.derived),
    )


def _of_columns(exact: Exact, draft: Draft, first: int) -> tuple[list[tuple[int, int]], _Relations]:
    """Return the cells of further columns that relations tie together, as positions, and those relations in cells."""
    numbers: dict[tuple[int, int], int] = {}
    for total, parts in draft.relations:
        for place in (total, *parts):
            numbers.setdefault(place, first + len(numbers))
    positions = [(row, len(exact.counts) + column) for column, row in numbers]
    return positions, [(numbers[total], tuple(numbers[part] for part in parts)) for total, parts in draft.relations]
