"""The threshold: a cell of few persons, or whose complement has few, is not shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kohort.release.gate.draft import Draft
    from kohort.release.gate.exact import Exact


def threshold(exact: Exact, draft: Draft) -> None:
    """Mark the cells, complements included, of fewer than `min_cell` persons."""
    low = 1 if draft.rules.show_zeros else 0
    draft.statuses = [int(low <= persons < draft.rules.min_cell) for persons in exact.persons]
