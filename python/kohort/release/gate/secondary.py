"""Secondary suppression: what else must be hidden so that what is hidden cannot be worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort import _core
from kohort.release.gate.continued import statuses_after
from kohort.release.gate.draft import number
from kohort.release.gate.search import cheapest

if TYPE_CHECKING:
    from kohort.release.gate.draft import Draft
    from kohort.release.gate.exact import Exact

_TOLD = {"threshold", "secondary suppression", "linked tables"}
_RULES = ("", "threshold", "secondary suppression", "withheld")


def secondary(exact: Exact, draft: Draft) -> None:
    """Hide further cells until every small one may be anything from 1 to `min_cell - 1`: the core's `protection`."""
    before, rules = draft.statuses, draft.rules
    relations = [(total, list(parts)) for total, parts in exact.relations]

    def protect(reluctance: list[float]) -> list[int]:
        return _core.protect(exact.persons, relations, rules.min_cell, rules.show_zeros, reluctance)

    if exact.quiet and rules.show_zeros and not exact.earlier:
        implied = [at is None for at in exact.positions]
        after = _core.protect(
            exact.persons, relations, rules.min_cell, rules.show_zeros, exact.reluctance, implied=implied
        )
    elif exact.earlier:
        after = statuses_after(exact, rules)
    else:
        first = protect(exact.reluctance)
        after, draft.search = cheapest(
            exact.persons, relations, exact.reluctance, first=first, rules=rules, protect=protect
        )
    if any(first and not last for first, last in zip(before, after, strict=True)):
        raise RuntimeError("a cell below the threshold would be shown: please report this as a defect of kohort")
    draft.statuses = after
    for decisions, status in zip(draft.decisions, after, strict=True):
        if status:
            decisions.append(_RULES[status])
    tell(exact, draft)


def tell(exact: Exact, draft: Draft) -> None:
    """Record what the threshold and secondary suppression did; again, where a later rule has withheld more cells."""
    draft.record = [record for record in draft.record if record.name not in _TOLD]
    after = draft.statuses
    # What is recorded follows from final statuses alone: a number of cells marked earlier would tell how many
    # of the hidden cells are zeros, or which are small among withheld ones.
    found = [sum(after[cell] == status for cell in exact.of.values()) for status in range(4)]
    zeros = "zeros are shown" if draft.rules.show_zeros else "zeros are hidden"
    below = f"{number(found[1], 'cell', 'cells')} marked as below {draft.rules.min_cell} persons"
    draft.did("threshold", f"{below}; {zeros}; complements count as cells")
    more = f"{number(found[2], 'cell', 'cells')} hidden as protective, {found[3]:,} withheld"
    over = number(len(exact.relations), "relation", "relations")
    draft.did("secondary suppression", f"{more}; audited over {over}; search: {draft.search}")
    if exact.earlier:
        titles = ", ".join(repr(release.title) for release in exact.earlier)
        draft.did("linked tables", f"audited together with what was released before: {titles}")
