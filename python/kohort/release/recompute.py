"""Derived figures worked out again from the released table alone, as far as its kind allows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kohort.release.curve import with_curve
from kohort.release.poisson import poisson_interval
from kohort.release.prevalence import wilson_interval
from kohort.release.standardized import with_standardized

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kohort.release.released import Number, Release


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


def _per_thousand_persons(share: Callable[[int, int], float]) -> Known:
    def may_be(value: float, counts: Sequence[float], _: Mapping[str, Number]) -> bool:
        persons, cases = int(counts[0]), int(counts[1])
        return persons > 0 and value == round(1000 * share(min(cases, persons), persons), 2)

    return Known(("persons", "cases"), may_be)


def _standardized(release: Release) -> Release:
    """Add standardized rates again, by the standard population that the record names."""
    told = next((record.did for record in release.record if record.name == "standardization"), "")
    return with_standardized(release, told.partition(":")[0])


# Figures that follow from the released table as a whole, by their first measure: what adds them to it.
ADDED: Mapping[str, Callable[[Release], Release]] = {"survival": with_curve, "standardized_rate": _standardized}

# By kind and measure; a figure that is not here is not worked out again.
KNOWN: Mapping[tuple[str, str], Known] = {
    ("characteristics", "percent"): Known(("persons", "persons"), _percent),
    ("prevalence", "per_1000"): _per_thousand_persons(lambda cases, persons: cases / persons),
    ("prevalence", "per_1000_low"): _per_thousand_persons(lambda cases, persons: wilson_interval(cases, persons)[0]),
    ("prevalence", "per_1000_high"): _per_thousand_persons(lambda cases, persons: wilson_interval(cases, persons)[1]),
    ("incidence", "person_years"): Known(("persons",), _person_years),
    ("incidence", "rate"): _per_thousand(float),
    ("incidence", "rate_low"): _per_thousand(lambda events: poisson_interval(int(events))[0]),
    ("incidence", "rate_high"): _per_thousand(lambda events: poisson_interval(int(events))[1]),
}
