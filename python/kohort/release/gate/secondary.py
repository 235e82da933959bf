"""Secondary suppression: what else must be hidden so that what is hidden cannot be worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort import _core
from kohort.release.gate.continued import statuses_after
from kohort.release.gate.draft import number
from kohort.release.gate.search import cheapest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kohort.release.gate.draft import Draft
    from kohort.release.gate.exact import Exact
    from kohort.release.rules import OutputRules

_TOLD = {"threshold", "secondary suppression", "linked tables"}
# Up to so many cells, programs over the whole table hide less than patterns.
_SMALL = 200
_RULES = ("", "threshold", "secondary suppression", "withheld")


def secondary(exact: Exact, draft: Draft) -> None:
    """Hide further cells until every small one may be anything from 1 to `min_cell - 1`: the core's `protection`."""
    before, rules = draft.statuses, draft.rules
    if exact.quiet and rules.show_zeros and not exact.earlier:
        after = protected(exact, rules, exact.reluctance)
    elif exact.earlier:
        after = statuses_after(exact, rules)
    else:
        first = protected(exact, rules, exact.reluctance)
        relations = [(total, list(parts)) for total, parts in exact.relations]
        after, draft.search = cheapest(
            exact.persons,
            relations,
            exact.reluctance,
            first=first,
            rules=rules,
            protect=lambda reluctance: protected(exact, rules, reluctance),
        )
    if any(first and not last for first, last in zip(before, after, strict=True)):
        raise RuntimeError("a cell below the threshold would be shown: please report this as a defect of kohort")
    draft.statuses = after
    for decisions, status in zip(draft.decisions, after, strict=True):
        if status:
            decisions.append(_RULES[status])
    tell(exact, draft)


def protected(
    exact: Exact, rules: OutputRules, reluctance: Sequence[float], demands: Sequence[tuple[int, int, int]] = ()
) -> list[int]:
    """Return the status of each cell, as the core's heuristic finds and certifies them.

    `demands` are cells hidden in any case, each with the least and the largest number that must stay possible for it.
    """
    least, zeros, product = rules.min_cell, rules.show_zeros, exact.product
    if product is None or len(exact.persons) <= _SMALL:
        relations = [(total, list(parts)) for total, parts in exact.relations]
        implied = [at is None for at in exact.positions] if exact.quiet and zeros else None
        return _core.protect(
            exact.persons, relations, least, zeros, list(reluctance), sensitive=list(demands), implied=implied
        )
    place = {cell: at for at, cell in enumerate(product.cells)}
    found = _core.protect(
        [exact.persons[cell] for cell in product.cells],
        [],
        least,
        zeros,
        [reluctance[cell] for cell in product.cells],
        sensitive=[(place[cell], low, high) for cell, low, high in demands],
        dimensions=product.dimensions,
    )
    return [found[place[cell]] for cell in range(len(found))]


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
