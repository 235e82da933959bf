"""What a reader knows of each hidden count from its status: the bounds of the core's `knowledge`, for later rules."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kohort.release.gate.draft import Draft
    from kohort.release.gate.exact import Exact


def bounds(exact: Exact, draft: Draft) -> tuple[list[float], list[float]]:
    """Return the least and the largest number of persons that each cell may hold, were it hidden.

    A cell that is shown so far would be withheld if a later rule hid it, and could then be anything from 1 on.
    """
    least, statuses = draft.rules.min_cell, draft.statuses
    zero = may_be_zero(exact, draft)
    low = [float(least) if status == 2 else 0.0 if zero[cell] else 1.0 for cell, status in enumerate(statuses)]
    high = [least - 1.0 if status == 1 else inf for status in statuses]
    return low, high


def may_be_zero(exact: Exact, draft: Draft) -> list[bool]:
    """Whether a reader must reckon with a zero: in groups that are not broken down, and where zeros are hidden."""
    answer = [not draft.rules.show_zeros] * len(draft.statuses)
    for total, parts in exact.relations:
        whole = all(draft.statuses[part] or not exact.persons[part] for part in parts)
        if draft.statuses[total] in {1, 3} and whole:
            for part in parts:
                answer[part] = True
    for line, _ in exact.sensitive:
        for part in exact.relations[line][1]:
            answer[part] = True
    if all(status == 3 or at is None for status, at in zip(draft.statuses, exact.positions, strict=True)):
        answer = [True] * len(answer)
    return answer
