"""The gate itself: exact counts become a `Release` here, and nowhere else.

Rules run in a fixed order, each a function in a module of its own, each recording what it did, per cell and in sum. An
`Exact` is the only object that holds exact numbers; no `Release` refers to one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort.release.gate.amounts import Amount, Magnitude, Percentiles
from kohort.release.gate.draft import NAMES, Draft
from kohort.release.gate.exact import MAX_CELLS, Derived, Exact, People
from kohort.release.gate.figures import derived_figures
from kohort.release.gate.group import group_disclosure
from kohort.release.gate.magnitudes import magnitudes
from kohort.release.gate.percentiles import percentiles
from kohort.release.gate.secondary import secondary
from kohort.release.gate.threshold import threshold
from kohort.release.gate.unit import unit
from kohort.release.released import Measure, Release

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kohort.release.released import Number, Status
    from kohort.release.rules import OutputRules

__all__ = [
    "MAX_CELLS",
    "RULES",
    "Amount",
    "Derived",
    "Exact",
    "Magnitude",
    "People",
    "Percentiles",
    "protect_table",
]

RULES: tuple[Callable[[Exact, Draft], None], ...] = (
    unit,
    threshold,
    secondary,
    group_disclosure,
    magnitudes,
    percentiles,
    derived_figures,
)


def protect_table(
    exact: Exact, *, title: str, kind: str, rules: OutputRules, context: Mapping[str, str] | None = None
) -> Release:
    """Turn exact counts into a `Release`: the one way out.

    Parameters
    ----------
    exact
        The counts, their relations and the figures derived from them.
    title, kind
        What heads the table, and which chart it has.
    rules
        The thresholds to obey.
    context
        What the disclosure record repeats: `plan_hash`, `snapshot` and the like.

    Returns
    -------
    Release
        The table with released values only.

    Raises
    ------
    ArgumentError
        If cells are not whole numbers of persons, or do not add up.
    """
    draft = Draft.of(exact, rules)
    for rule in RULES:
        rule(exact, draft)
    values: list[tuple[Number, ...]] = []
    statuses: list[tuple[Status, ...]] = []
    decisions: list[tuple[tuple[str, ...], ...]] = []
    for row in range(len(exact.labels)):
        cells = [exact.of.get((row, j)) for j in range(len(exact.counts))]
        marks = ["not applicable" if cell is None else NAMES[draft.statuses[cell]] for cell in cells]
        figures = [column[row] for column in (*(cells for _, cells in draft.amounts), *draft.figures)]
        values.append(
            (
                *(
                    draft.released[cell] if cell is not None and mark == "shown" else None
                    for cell, mark in zip(cells, marks, strict=True)
                ),
                *(value for value, _ in figures),
            )
        )
        statuses.append((*marks, *(status for _, status in figures)))
        decisions.append(
            (*(() if cell is None else tuple(draft.decisions[cell]) for cell in cells), *(() for _ in figures))
        )
    positions, relations = _known(exact, draft)
    return Release(
        title=title,
        kind=kind,
        dimensions=exact.dimensions,
        measures=(
            *(Measure(name, "count") for name in exact.counts),
            *(measure for measure, _ in draft.amounts),
            *(figure.measure for figure in exact.derived),
        ),
        labels=tuple(exact.labels),
        values=tuple(values),
        statuses=tuple(statuses),
        decisions=tuple(decisions),
        cells=(*exact.positions, *positions),
        relations=(*exact.relations, *relations),
        sensitive=tuple(line for line, _ in exact.sensitive),
        rules=rules,
        record=tuple(draft.record),
        context=tuple((str(name), str(value)) for name, value in (context or {}).items()),
    )


def _known(exact: Exact, draft: Draft) -> tuple[list[tuple[int, int]], list[tuple[int, tuple[int, ...]]]]:
    """Return the cells of amounts that relations tie together, as positions, and those relations in cells."""
    numbers: dict[tuple[int, int], int] = {}
    for total, parts in draft.relations:
        for place in (total, *parts):
            numbers.setdefault(place, len(exact.positions) + len(numbers))
    positions = [(row, len(exact.counts) + column) for column, row in numbers]
    return positions, [(numbers[total], tuple(numbers[part] for part in parts)) for total, parts in draft.relations]
