"""The gate itself: exact counts become a `Release` here, and nowhere else.

Rules run in a fixed order, each a function in a module of its own, each recording what it did, per cell and in sum. An
`Exact` is the only object that holds exact numbers; no `Release` refers to one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort.release.gate.draft import NAMES, Draft
from kohort.release.gate.exact import MAX_CELLS, Derived, Exact, People
from kohort.release.gate.figures import derived_figures
from kohort.release.gate.secondary import secondary
from kohort.release.gate.threshold import threshold
from kohort.release.gate.unit import unit
from kohort.release.released import Measure, Release

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kohort.release.released import Number, Status
    from kohort.release.rules import OutputRules

__all__ = ["MAX_CELLS", "RULES", "Derived", "Exact", "People", "protect_table"]

RULES: tuple[Callable[[Exact, Draft], None], ...] = (unit, threshold, secondary, derived_figures)


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
        figures = [column[row] for column in draft.figures]
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
    return Release(
        title=title,
        kind=kind,
        dimensions=exact.dimensions,
        measures=(*(Measure(name, "count") for name in exact.counts), *(figure.measure for figure in exact.derived)),
        labels=tuple(exact.labels),
        values=tuple(values),
        statuses=tuple(statuses),
        decisions=tuple(decisions),
        cells=tuple(exact.positions),
        relations=tuple(exact.relations),
        needs=tuple(figure.needs for figure in exact.derived),
        rules=rules,
        record=tuple(draft.record),
        context=tuple((str(name), str(value)) for name, value in (context or {}).items()),
    )
