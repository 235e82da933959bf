"""Numbers as a card may show them: never exact when small."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort.release import DifferentialPrivacy

if TYPE_CHECKING:
    from kohort.release import OutputRules


def about(persons: int, rules: OutputRules) -> str:
    """Say a number of persons in words that tell no small difference: "<11", "about 1,830", "none".

    Rounded to the nearest ten, or to three significant digits where that is coarser; the same number gives the same
    words. Where counts are rounded or perturbed, nobody reads "<11"; under differential privacy, whose budget a card
    does not pay, nothing is told.
    """
    if isinstance(rules.protection, DifferentialPrivacy):
        return "not shown"
    if persons == 0 and rules.show_zeros and rules.protection is None:
        return "none"
    if persons < rules.min_cell:
        return f"<{rules.min_cell}"
    base = max(10, 10 ** (len(str(persons)) - 3))
    return f"about {round(persons / base) * base:,}"
