"""Attrition: how many persons each step of a cohort's definition leaves."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kohort.errors import ArgumentError
from kohort.release.gate import Exact, protect_table
from kohort.release.rules import OutputRules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kohort.release.gate import Memory
    from kohort.release.released import Release

# Who came in and who remains are what a reader looks for.
_FIRST, _LAST, _BETWEEN, _EXCLUDED = 16.0, 8.0, 2.0, 1.0


def release_attrition(
    steps: Sequence[tuple[str, int]],
    *,
    rules: OutputRules | None = None,
    context: Mapping[str, str] | None = None,
    title: str = "Attrition",
    people: Sequence[Any] | None = None,
    memory: Memory | None = None,
) -> Release:
    """Release the flow of persons through the steps of a definition, as STROBE and CONSORT draw it.

    Parameters
    ----------
    steps
        Label and number of persons left after each step, in order; numbers never rise.
    rules, context, title, memory
        See `protect_table`.
    people
        The sets of persons left after each step, for `memory` and for cell keys.

    Returns
    -------
    Release
        Columns `persons` (left after the step) and `excluded` (by the step; not applicable in the first row).

    Raises
    ------
    ArgumentError
        If there are no steps, or a step leaves more persons than the one before.

    Examples
    --------
    >>> rel = release_attrition([("all", 5000), ("adults", 4200), ("with follow-up", 4195)])
    >>> rel.to_polars()["excluded"].to_list()
    [None, None, None]
    >>> rel.to_polars()["excluded_status"].to_list()
    ['not applicable', 'protective', 'small']
    """
    if not steps:
        raise ArgumentError("there are no steps: an attrition table needs at least one")
    for (_, before), (label, after) in pairwise(steps):
        if after > before:
            raise ArgumentError(
                f"step {label!r} leaves more persons than the step before it: give persons left, in order"
            )
    exact = Exact(dimensions=("step",), counts=("persons", "excluded"))
    left: list[int] = []
    for position, (label, persons) in enumerate(steps):
        row = exact.row((label,))
        weight = _FIRST if position == 0 else _LAST if position == len(steps) - 1 else _BETWEEN
        known = None if people is None else people[position]
        left.append(exact.cell(row, "persons", persons, weight, people=known))
        if position:
            gone = None if people is None else people[position - 1].difference(people[position])
            excluded = exact.cell(row, "excluded", steps[position - 1][1] - persons, _EXCLUDED, people=gone)
            exact.relate(left[-2], (left[-1], excluded))
    return protect_table(
        exact, title=title, kind="attrition", rules=rules or OutputRules(), context=context, memory=memory
    )
