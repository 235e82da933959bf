"""Secondary suppression: what else must be hidden so that what is hidden cannot be worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort import _core
from kohort.release.gate.draft import number

if TYPE_CHECKING:
    from kohort.release.gate.draft import Draft
    from kohort.release.gate.exact import Exact

_RULES = ("", "threshold", "secondary suppression", "withheld")


def secondary(exact: Exact, draft: Draft) -> None:
    """Hide further cells until every small one may be anything from 1 to `min_cell - 1`: the core's `protection`."""
    before = draft.statuses
    after = _core.protect(
        exact.persons,
        [(total, list(parts)) for total, parts in exact.relations],
        draft.rules.min_cell,
        draft.rules.show_zeros,
        exact.reluctance,
        implied=[at is None for at in exact.positions],
    )
    if any(first and not last for first, last in zip(before, after, strict=True)):
        raise RuntimeError("a cell below the threshold would be shown: please report this as a defect of kohort")
    draft.statuses = after
    for decisions, status in zip(draft.decisions, after, strict=True):
        if status:
            decisions.append(_RULES[status])
    # What is recorded follows from final statuses alone: a number of cells marked earlier would tell how many
    # of the hidden cells are zeros, or which are small among withheld ones.
    found = [sum(after[cell] == status for cell, at in enumerate(exact.positions) if at) for status in range(4)]
    zeros = "zeros are shown" if draft.rules.show_zeros else "zeros are hidden"
    below = f"{number(found[1], 'cell', 'cells')} marked as below {draft.rules.min_cell} persons"
    draft.did("threshold", f"{below}; {zeros}; complements count as cells")
    more = f"{number(found[2], 'cell', 'cells')} hidden as protective, {found[3]:,} withheld"
    relations = number(len(exact.relations), "relation", "relations")
    draft.did("secondary suppression", f"{more}; audited over {relations}")
