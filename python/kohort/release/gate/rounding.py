"""Rounding: the same count rounds the same way in every table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort.release.gate.additive import Additive
from kohort.release.gate.controlled import controlled_rounding
from kohort.release.protections import nearest

if TYPE_CHECKING:
    from kohort.release.gate.draft import Draft
    from kohort.release.gate.exact import Exact
    from kohort.release.protections import Rounding


def rounding(exact: Exact, draft: Draft) -> None:
    """After suppression, round every count that is shown, margins from exact; safe because it adds no information."""
    base = draft.rules.rounding
    if base == 1:
        return
    draft.released = [nearest(persons, base) for persons in exact.persons]
    for cell, status in enumerate(draft.statuses):
        if not status:
            draft.decisions[cell].append("rounding")
    draft.did("rounding", f"counts shown are rounded to the nearest multiple of {base}, margins from exact counts")


def round_all(exact: Exact, draft: Draft, way: Rounding) -> None:
    """Round every count, in place of suppression; margins as the protection says."""
    counts = exact.persons
    if way.margins == "exact":
        draft.released = [way.of(persons) for persons in counts]
        margins = "margins rounded from exact counts"
    elif way.margins == "controlled":
        found = controlled_rounding(counts, exact.relations, base=way.base)
        draft.released = found.values
        margins = "margins are sums of rounded cells, chosen for the least sum of changes over cells and margins"
    else:
        additive = Additive.of(range(len(counts)), exact.relations)
        rounded = {cell: way.of(counts[cell]) for cell in additive.inner}
        draft.released = [sum(rounded[leaf] for leaf in additive.sums[cell]) for cell in range(len(counts))]
        margins = "margins are sums of rounded cells"
    for decisions in draft.decisions:
        decisions.append("rounding")
    draft.did("rounding", f"{way}: {margins}; no cell is hidden")
