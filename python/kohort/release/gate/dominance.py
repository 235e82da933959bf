"""Dominance: a sum in which few contributors hold nearly all tells what they contributed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kohort.release.gate.contributions import Contributions


def dominance(amount: Contributions, n: int, k: float) -> float:
    """Return the upper protection level that the (n, k) rule demands; 0 where the rule is kept.

    A sum X is sensitive where its n largest contributions hold more than the share k of it. An upper bound must leave
    room for a sum of which they hold k: X + U = (x1 + ... + xn) / k.

    References
    ----------
    Hundepool A et al. Statistical Disclosure Control. Wiley (2012), sections 4.2.1 and 4.2.2.
    """
    return max(0.0, sum(amount.largest[:n]) / k - amount.total)


def p_percent(amount: Contributions, p: float) -> float:
    """Return the upper protection level that the p% rule demands; 0 where the rule is kept.

    The second largest contributor subtracts its own part x2 from a sum X and so bounds the largest, x1, from above.
    The sum is sensitive where that bound is within p percent of x1: X - x1 - x2 < p/100 x1; an upper bound
    of the sum must leave room for the difference.

    References
    ----------
    Hundepool A et al. Statistical Disclosure Control. Wiley (2012), sections 4.2.1 and 4.2.2.
    """
    first, second = (*amount.largest, 0.0, 0.0)[:2]
    return max(0.0, p / 100 * first - (amount.total - first - second))


def is_beyond(level: float, amount: Contributions) -> bool:
    """Whether a protection level is more than the rounding of the sum's own digits."""
    return level > 1e-9 * amount.total
