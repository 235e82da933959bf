"""The gate itself: exact counts become a `Release` here, and nowhere else.

Rules run in a fixed order, each a function in a module of its own, each recording what it did, per cell and in sum. An
`Exact` is the only object that holds exact numbers; no `Release` refers to one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort.release.gate.draft import NAMES, Draft
from kohort.release.gate.exact import MAX_CELLS, Amount, Derived, Exact, People
from kohort.release.gate.figures import derived_figures
from kohort.release.gate.joint import Joint
from kohort.release.gate.perturbation import check_kind, perturbation
from kohort.release.gate.rounding import rounding
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
    "PERTURBING",
    "RULES",
    "Amount",
    "Derived",
    "Exact",
    "People",
    "protect_table",
    "protect_tables",
]

RULES: tuple[Callable[[Exact, Draft], None], ...] = (unit, threshold, secondary, rounding, derived_figures)
# Where rounding, cell keys or differential privacy protect counts, nothing is hidden.
PERTURBING: tuple[Callable[[Exact, Draft], None], ...] = (unit, perturbation, derived_figures)


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
        If cells are not whole numbers of persons, do not add up, or cannot be protected as the rules say.
    BudgetSpent
        If noise costs more than the privacy budget has left.
    """
    draft = Draft.of(exact, rules)
    check_kind(kind, exact, rules)
    for rule in RULES if rules.protection is None else PERTURBING:
        rule(exact, draft)
    return publish(exact, draft, title=title, kind=kind, context=context)


def protect_tables(tables: Mapping[str, Exact], *, kind: str, rules: OutputRules) -> dict[str, Release]:
    """Turn exact counts of one population into releases that are protected together.

    Parameters
    ----------
    tables
        The counts by title of the table; cells with equal labels, totals left out, are the same persons.
    kind
        Which chart they have.
    rules
        The thresholds to obey.

    Returns
    -------
    dict
        A `Release` by title.

    Raises
    ------
    ArgumentError
        If cells are not whole numbers of persons, do not add up, or differ between tables.
    """
    joint = Joint(tables)
    draft = Draft.of(joint.exact, rules)
    for rule in RULES:
        rule(joint.exact, draft)
    draft.did("linked tables", f"protected together: {', '.join(map(repr, tables))}")
    answer = {}
    for title, exact in tables.items():
        part = joint.split(draft, title, rules)
        derived_figures(exact, part)
        answer[title] = publish(exact, part, title=title, kind=kind)
    return answer


def publish(exact: Exact, draft: Draft, *, title: str, kind: str, context: Mapping[str, str] | None = None) -> Release:
    """Write down what the rules have decided; only released values go in."""
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
    # A reader sees a repeated cell as a cell of its own that equals the first.
    repeats = [at for at, cell in exact.of.items() if exact.positions[cell] != at]
    relations = [(exact.of[at], (len(exact.persons) + n,)) for n, at in enumerate(repeats)]
    return Release(
        title=title,
        kind=kind,
        dimensions=exact.dimensions,
        measures=(*(Measure(name, "count") for name in exact.counts), *(figure.measure for figure in exact.derived)),
        labels=tuple(exact.labels),
        values=tuple(values),
        statuses=tuple(statuses),
        decisions=tuple(decisions),
        cells=(*exact.positions, *repeats),
        relations=(*exact.relations, *relations),
        rules=draft.rules.published(),
        record=tuple(draft.record),
        context=tuple((str(name), str(value)) for name, value in (context or {}).items()),
        levels=tuple(exact.levels),
    )
