"""Which protection is taken: the core's first answer, or a cheaper one that the integer program leads it to."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kohort.release.rules import OutputRules

# By `OutputRules.search`: variables of the linear programs up to which an optimum is sought, and nodes of search trees.
EFFORT = {"auto": (6_000, 20), "optimal": (200_000, 20_000)}


def cheapest(
    values: Sequence[int],
    relations: Sequence[tuple[int, Sequence[int]]],
    reluctance: Sequence[float],
    first: list[int],
    rules: OutputRules,
    protect: Callable[[list[float]], list[int]],
) -> tuple[list[int], str]:
    """Improve on the core's first answer where the rules ask for it and the table's size allows.

    Parameters
    ----------
    values, relations, reluctance
        The table.
    first
        The statuses that the core gave under these prices.
    rules
        Which effort to make.
    protect
        The core's search under other prices.

    Returns
    -------
    tuple of list and str
        The statuses, and what the record says of how they were found.
    """
    if 2 not in first:
        return first, "no protective cell needed" if 3 not in first else "heuristic"
    if rules.search not in EFFORT or 3 in first:
        return first, "heuristic"
    variables, nodes = EFFORT[rules.search]
    if 2 * len(values) * first.count(1) > variables:
        return first, "heuristic, the table being large"
    from kohort.release.gate.optimal import optimum  # noqa: PLC0415 - it imports scipy

    grouped = [not rules.show_zeros] * len(values)
    for total, parts in relations:
        if first[total] == 1:
            for part in parts:
                grouped[part] = True
    found = optimum(values, relations, rules.min_cell, reluctance, first, grouped, complete=protect, nodes=nodes)
    if not found.gap:
        return found.statuses, "least cost, proven"
    # A finer figure would be a function of hidden counts.
    return found.statuses, f"cost at most {ceil(20 * found.gap) * 5} % above the least"
