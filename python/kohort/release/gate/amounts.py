"""Amounts beside counts, such as person-years: they tell no more than the released counts do."""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING

from kohort.release.protections import CellKeys, Rounding

if TYPE_CHECKING:
    from kohort.release.gate.draft import Draft
    from kohort.release.gate.exact import Amount, Exact


def released_amount(exact: Exact, draft: Draft, amount: Amount, row: int) -> float | None:
    """Return the amount of a row as it may be released, or None where it may not.

    An exact amount would undo what protects the count beside it: two tables that differ by one person would differ by
    that person's amount. So an amount is rounded to what as many persons as the base contribute on average, itself
    rounded up to 1, 2 or 5 times a power of ten; under cell keys it is perturbed first, by the average amount of as
    many persons as a count would be. Where the released count is below `min_cell`, the amount is withheld.
    """
    cell = exact.of[row, exact.counts.index(amount.persons)]
    persons, shown, value = exact.persons[cell], draft.released[cell], amount.values(row)
    rules = draft.rules
    if amount.name in draft.amounts:
        return draft.amounts[amount.name][row]
    if rules.protection is None:
        return value if rules.rounding == 1 else to_grain(value, persons, rules.rounding)
    if isinstance(rules.protection, Rounding):
        return to_grain(value, persons, rules.protection.base) if shown >= rules.min_cell else None
    if isinstance(rules.protection, CellKeys):
        return None
    raise RuntimeError("differential privacy released no amount: please report this as a defect of kohort")


def to_grain(value: float, persons: int, base: int) -> float:
    """Round an amount to what `base` of its persons contribute on average, as 1, 2 or 5 times a power of ten.

    Parameters
    ----------
    value
        The exact amount.
    persons
        How many persons it is of.
    base
        How many of them the grain stands for.

    Returns
    -------
    float
        The nearest multiple of the grain, halves up.

    Examples
    --------
    >>> to_grain(1234.5, 400, 5)
    1240.0
    """
    if not persons or not value:
        return 0.0
    grain = step(base * abs(value) / persons)
    return round(floor(value / grain + 0.5) * grain, 9)


def step(least: float) -> float:
    """Return the least of 1, 2, 5 times a power of ten that is not below a positive number."""
    power = 10.0 ** floor(log10(least))
    return next((times * power for times in (1, 2, 5, 10) if times * power >= least * (1 - 1e-12)), 10 * power)
