"""A hierarchy as a card in a notebook: a few values, level by level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort.display import card, note, table

if TYPE_CHECKING:
    from kohort.hierarchy.base import Hierarchy


def hierarchy_card(hierarchy: Hierarchy) -> str:
    """Show what example values become at each level."""
    examples = hierarchy._examples()  # noqa: SLF001 - the card is part of the package
    if examples is None:
        return card(repr(hierarchy), note("levels(values) shows what becomes of the values of a column"))
    rows = hierarchy.levels(examples)
    rows = rows.join(examples.to_frame("0"), on="0", how="semi").head(6)
    heads = [f"{level}: {hierarchy.describe(level)}" for level in range(rows.width)]
    if hierarchy.has_top:
        heads[-1] = f"{rows.width - 1}: any"
    counts = f"{rows.width} levels; each row is a value and what it becomes"
    return card(repr(hierarchy), table(heads, rows.iter_rows()), note(counts))
