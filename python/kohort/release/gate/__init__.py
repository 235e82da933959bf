"""The gate itself: exact counts become a `Release` here, and nowhere else.

Rules run in a fixed order, each a function in a module of its own, each recording what it did, per cell and in sum. An
`Exact` is the only object that holds exact numbers; no `Release` refers to one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort.release.gate.contributions import Contributions, Magnitude, Percentiles
from kohort.release.gate.draft import Draft
from kohort.release.gate.exact import MAX_CELLS, Amount, Derived, Exact, People
from kohort.release.gate.figures import derived_figures
from kohort.release.gate.group import group_disclosure
from kohort.release.gate.history import Memory, history, remember
from kohort.release.gate.joint import Joint
from kohort.release.gate.magnitudes import magnitudes
from kohort.release.gate.percentiles import percentiles
from kohort.release.gate.perturbation import check_kind, perturbation
from kohort.release.gate.publication import publish
from kohort.release.gate.rounding import rounding
from kohort.release.gate.secondary import secondary
from kohort.release.gate.threshold import threshold
from kohort.release.gate.unit import unit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kohort.release.released import Release
    from kohort.release.rules import OutputRules

__all__ = [
    "MAX_CELLS",
    "PERTURBING",
    "RULES",
    "Amount",
    "Contributions",
    "Derived",
    "Exact",
    "Magnitude",
    "Memory",
    "People",
    "Percentiles",
    "protect_table",
    "protect_tables",
]

RULES: tuple[Callable[[Exact, Draft], None], ...] = (
    unit,
    threshold,
    secondary,
    history,
    group_disclosure,
    magnitudes,
    percentiles,
    rounding,
    derived_figures,
)
# Where rounding, cell keys or differential privacy protect counts, nothing is hidden.
PERTURBING: tuple[Callable[[Exact, Draft], None], ...] = (unit, perturbation, derived_figures)


def protect_table(
    exact: Exact,
    *,
    title: str,
    kind: str,
    rules: OutputRules,
    context: Mapping[str, str] | None = None,
    memory: Memory | None = None,
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
    memory
        What was released before of the same persons. Counts whose set of persons is known are compared with it and
        recorded in it; not where rounding, cell keys or noise take the place of suppression.

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
    draft.memory = memory if rules.protection is None else None
    check_kind(kind, exact, rules)
    for rule in RULES if rules.protection is None else PERTURBING:
        rule(exact, draft)
    remember(exact, draft, title)
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
    for exact in tables.values():
        check_kind(kind, exact, rules)
    for rule in RULES if rules.protection is None else PERTURBING:
        rule(joint.exact, draft)
    draft.did("linked tables", f"protected together: {', '.join(map(repr, tables))}")
    answer = {}
    for title, exact in tables.items():
        part = joint.split(draft, title, rules)
        derived_figures(exact, part)
        answer[title] = publish(exact, part, title=title, kind=kind)
    return answer
