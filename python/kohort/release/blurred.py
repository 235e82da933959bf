"""What a reader knows of a count from a value that is rounded or perturbed."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from kohort.release.protections import DifferentialPrivacy, Rounding, nearest_bounds

if TYPE_CHECKING:
    from collections.abc import Container

    from kohort.release.released import Release


def value_bounds(release: Release, cell: int) -> tuple[float, float]:
    """Return the least and the largest count that a shown value alone may stand for."""
    position, rules = release.cells[cell], release.rules
    value = 0 if position is None else int(release.values[position[0]][position[1]] or 0)
    if rules.protection is not None:
        return (0, inf) if isinstance(rules.protection, DifferentialPrivacy) else rules.protection.bounds(value)
    if rules.rounding == 1:
        return value, value
    low, high = nearest_bounds(value, rules.rounding)
    # What is shown is 0 or at least the threshold.
    if low > 0 or not rules.show_zeros:
        return max(low, rules.min_cell), high
    return (0, high) if high >= rules.min_cell else (0, 0)


def shown_bounds(
    release: Release, cell: int, totals: Container[int], *, closely: bool = True
) -> tuple[float, float | None]:
    """Return the bounds of a shown cell before relations are used; `closely` trusts margins of controlled rounding."""
    way = release.rules.protection
    if isinstance(way, Rounding) and way.margins != "exact" and cell in totals:
        # A sum of rounded cells tells nothing of its own; one of controlled rounding lies close to the exact margin.
        return value_bounds(release, cell) if way.margins == "controlled" and closely else (0, None)
    return value_bounds(release, cell)
