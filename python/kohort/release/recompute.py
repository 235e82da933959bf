"""Derived figures worked out again from the released table alone, as far as its kind allows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kohort.release.poisson import poisson_interval

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kohort.release.released import Number


class Known(NamedTuple):
    """What a figure follows from, and whether it may be what it is given these counts and its row."""

    needs: tuple[str, ...]
    may_be: Callable[[float, Sequence[float], Mapping[str, Number]], bool]


def _percent(value: float, counts: Sequence[float], _: Mapping[str, Number]) -> bool:
    part, whole = counts
    return bool(whole) and value == round(100 * part / whole, 1)


def _person_years(value: float, counts: Sequence[float], _: Mapping[str, Number]) -> bool:
    return value >= 0 and (value == 0 or counts[0] > 0)


def _per_thousand(amount: Callable[[float], float]) -> Known:
    def may_be(value: float, counts: Sequence[float], row: Mapping[str, Number]) -> bool:
        years, of = row["person_years"], amount(counts[1])
        if years is None:
            return False
        # Person-years are shown with one decimal and rates with two, rounded from what is not.
        low, high = 1000 * of / (years + 0.05), 1000 * of / (years - 0.05) if years > 0.05 else float("inf")
        return low - 0.0051 <= value <= high + 0.0051

    return Known(("persons", "events"), may_be)


# By kind and measure; a figure that is not here is not worked out again.
KNOWN: Mapping[tuple[str, str], Known] = {
    ("characteristics", "percent"): Known(("persons", "persons"), _percent),
    ("incidence", "person_years"): Known(("persons",), _person_years),
    ("incidence", "rate"): _per_thousand(float),
    ("incidence", "rate_low"): _per_thousand(lambda events: poisson_interval(int(events))[0]),
    ("incidence", "rate_high"): _per_thousand(lambda events: poisson_interval(int(events))[1]),
}
