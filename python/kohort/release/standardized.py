"""Direct age standardization of a released incidence table: rates of a population with the ages of a standard one."""

from __future__ import annotations

import re
from math import inf
from typing import TYPE_CHECKING

from scipy.stats import chi2

from kohort.errors import ArgumentError
from kohort.release.appended import append_figures
from kohort.release.cross import TOTAL
from kohort.release.released import Measure, RuleRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kohort.release.released import Number, Release, Status

#: Persons of 100,000 in each five years of age from 0 on, the last open: Eurostat, Revision of the European Standard
#: Population: report of Eurostat's task force, 2013 edition (KS-RA-13-028); ages below 5 and from 90 on are one each.
EUROPEAN_2013 = (
    *(5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000),
    *(7000, 6500, 6000, 5500, 5000, 4000, 2500, 1500, 1000),
)
STANDARDS = {"european_2013": EUROPEAN_2013}
_NAMES = ("standardized_rate", "standardized_low", "standardized_high")


def directly_standardized(
    events: Sequence[float], years: Sequence[float], weights: Sequence[float]
) -> tuple[float, float, float]:
    """Return the directly standardized rate with its 95 % gamma limits.

    Parameters
    ----------
    events, years
        Events and person-years of each stratum.
    weights
        Persons of the standard population in each stratum.

    References
    ----------
    Fay MP, Feuer EJ. Confidence intervals for directly standardized rates: a method based on the gamma distribution.
    Statistics in Medicine 16 (1997).

    Examples
    --------
    >>> found = directly_standardized([45, 100, 210, 350], [10000, 9000, 8000, 5000], [30000, 25000, 20000, 10000])
    >>> [round(rate, 5) for rate in found]
    [0.01927, 0.01786, 0.02077]
    """
    total = sum(weights)
    per_event = [weight / total / time for weight, time in zip(weights, years, strict=True)]
    rate = sum(share * count for share, count in zip(per_event, events, strict=True))
    variance = sum(share * share * count for share, count in zip(per_event, events, strict=True))
    low = float(variance / (2 * rate) * chi2.ppf(0.025, 2 * rate * rate / variance)) if rate else 0.0
    most = max(per_event)
    above, spread = rate + most, variance + most * most
    return rate, low, float(spread / (2 * above) * chi2.ppf(0.975, 2 * above * above / spread))


def weights_of(labels: Sequence[str], standard: str) -> list[float]:
    """Return how many persons of a standard population are in each age band.

    Raises
    ------
    ArgumentError
        If there is no such standard, or a band does not begin and end at whole multiples of five years.
    """
    if standard not in STANDARDS:
        raise ArgumentError(f"there is no standard population {standard!r}: choose one of {sorted(STANDARDS)}")
    five = STANDARDS[standard]
    answer = []
    for label in labels:
        low, high = _band(label)
        if low % 5 or (high % 5 and high != inf) or low > 5 * (len(five) - 1):
            raise ArgumentError(
                f"the age band {label!r} does not fit {standard}: bands begin at multiples of 5, up to 90"
            )
        if high != inf and high > 5 * (len(five) - 1):
            raise ArgumentError(
                f"the age band {label!r} ends above 90, where {standard} is open: make it the last band"
            )
        answer.append(float(sum(five[low // 5 : None if high == inf else int(high) // 5])))
    return answer


def _band(label: str) -> tuple[int, float]:
    """Read "<20", "20-29" or "90+": the first age, and the first one beyond."""
    if found := re.fullmatch(r"<(\d+)", label):
        return 0, int(found[1])
    if found := re.fullmatch(r"(\d+)\s*\+", label):
        return int(found[1]), inf
    if found := re.fullmatch(r"(\d+)\s*-\s*(\d+)", label):
        return int(found[1]), int(found[2]) + 1
    raise ArgumentError(f"the age band {label!r} is not like '<20', '20-29' or '90+': standardizing needs such bands")


def with_standardized(release: Release, standard: str) -> Release:
    """Add standardized rates per 1,000 person-years to the rows of all ages, from the released counts of their bands.

    A rate needs every band: where one is hidden, so is the rate, and where one has no person-years, there is none.

    Raises
    ------
    ArgumentError
        If the table is not cut by age, or its bands do not fit the standard population.
    """
    if "age" not in release.dimensions:
        raise ArgumentError("standardize= needs age bands: add kh.age_bands(...) to by=")
    axis = release.dimensions.index("age")
    names = [measure.name for measure in release.measures]
    events, years = names.index("events"), names.index("person_years")
    bands = list(dict.fromkeys(labels[axis] for labels in release.labels if labels[axis] != TOTAL))
    weights = weights_of(bands, standard)
    row_of = {labels: row for row, labels in enumerate(release.labels)}
    figures: list[tuple[Sequence[Number], Status]] = []
    for labels in release.labels:
        if labels[axis] != TOTAL:
            figures.append(((None,) * 3, "not applicable"))
            continue
        rows = [row_of[*labels[:axis], band, *labels[axis + 1 :]] for band in bands]
        hidden = {release.statuses[row][j] for row in rows for j in (events, years)} - {"shown", "not applicable"}
        counts = [release.values[row][events] or 0 for row in rows]
        times = [release.values[row][years] or 0 for row in rows]
        if hidden:
            reason: Status = "withheld" if "withheld" in hidden else "protective"
            figures.append(((None,) * 3, "small" if "small" in hidden else reason))
        elif min(times) <= 0:
            figures.append(((None,) * 3, "not applicable"))
        else:
            found = directly_standardized(counts, times, weights)
            figures.append((tuple(round(1000 * rate, 2) for rate in found), "shown"))
    shown = sum(status == "shown" for _, status in figures)
    measures = [Measure(name, "derived", 2) for name in _NAMES]
    what = f"{standard}: {shown:,} rates from shown age bands alone"
    return append_figures(release, measures, figures, [RuleRecord("standardization", what)])
