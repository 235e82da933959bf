"""The survival curve of a released risk table: worked out from what is shown, and so telling no more than that."""

from __future__ import annotations

from itertools import groupby
from math import exp, log, sqrt
from typing import TYPE_CHECKING, NamedTuple

from kohort.release.appended import append_figures
from kohort.release.released import Measure, RuleRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kohort.release.released import Number, Release, Status

#: The columns that a curve has, in this order.
CURVE = ("survival", "survival_low", "survival_high")
# The 97.5 % quantile of the standard normal distribution.
_Z = 1.959963984540054


class Point(NamedTuple):
    """Kaplan-Meier at one time: the estimate and its limits, of which a curve without variance has none."""

    survival: float
    low: float | None
    high: float | None


def kaplan_meier(steps: Sequence[tuple[int, int]]) -> list[Point]:
    """Return the Kaplan-Meier estimate after each step with its log-log limits.

    Parameters
    ----------
    steps
        Persons at risk when the step begins, and how many of them have the event in it.

    Returns
    -------
    list of Point
        One per step. Limits are those of the estimate where it is 1; there are none where it is 0.

    References
    ----------
    Kaplan EL, Meier P. Nonparametric estimation from incomplete observations. JASA 53 (1958). Greenwood M. The natural
    duration of cancer (1926). Kalbfleisch JD, Prentice RL. The statistical analysis of failure time data (1980).

    Examples
    --------
    >>> [round(point.survival, 4) for point in kaplan_meier([(100, 10), (80, 20)])]
    [0.9, 0.675]
    """
    survival, variance, points = 1.0, 0.0, []
    for at_risk, events in steps:
        # Rounded or perturbed counts may have more events than persons, or fewer than none.
        events = min(max(events, 0), at_risk)  # noqa: PLW2901
        if at_risk > 0:
            survival *= 1 - events / at_risk
            variance += events / (at_risk * (at_risk - events)) if events < at_risk else 0.0
        if survival in {0.0, 1.0}:
            limit = survival or None
            points.append(Point(survival, limit, limit))
            continue
        width = _Z * sqrt(variance) / -log(survival)
        points.append(Point(survival, survival ** exp(width), survival ** exp(-width)))
    return points


def with_curve(release: Release) -> Release:
    """Add the curve to a risk table, at the times whose persons at risk and cumulative events are both shown.

    A time that hides either is passed over: the step to the next shown time takes the events of both together.
    """
    names = [measure.name for measure in release.measures]
    at_risk, events = names.index("at_risk"), names.index("events")
    figures: list[tuple[Point | None, Status]] = []
    for _, group in groupby(range(len(release.labels)), key=lambda row: release.labels[row][:-1]):
        figures += _curve(release, list(group), at_risk, events)
    shown = sum(point is not None for point, _ in figures)
    what = (
        f"{shown:,} of {len(figures):,} points shown: those whose persons at risk and events are shown, and no others"
    )
    measures = [Measure(name, "derived", 4) for name in CURVE]
    rows: list[tuple[Sequence[Number], Status]] = [(point or (None,) * 3, status) for point, status in figures]
    return append_figures(release, measures, rows, [RuleRecord("curve", what)])


def _curve(release: Release, rows: list[int], at_risk: int, events: int) -> Iterator[tuple[Point | None, Status]]:
    """Yield the points of one stratum, whose rows are in order of time."""
    steps: list[tuple[int, int]] = []
    chain: list[tuple[int, int]] = []  # Persons at risk and cumulative events at the shown times so far.
    for position, row in enumerate(rows):
        found: set[Status] = {release.statuses[row][at_risk]}
        before = release.values[row][events]
        if position:
            found.add(release.statuses[row][events])
        else:
            before = 0
        hidden = found - {"shown"}
        left = release.values[row][at_risk]
        if hidden or left is None or before is None or (position and not chain):
            yield None, _reason(hidden)
            continue
        if position:
            steps.append((chain[-1][0], int(before) - chain[-1][1]))
        chain.append((int(left), int(before)))
        yield (kaplan_meier(steps)[-1] if steps else Point(1.0, 1.0, 1.0)), "shown"


def _reason(hidden: set[Status]) -> Status:
    return "small" if "small" in hidden else "withheld" if "withheld" in hidden else "protective"
