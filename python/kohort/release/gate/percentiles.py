"""Percentiles: means of enough neighbors in rank, never the value of one person."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING

from kohort.release.gate.contributions import Contributions
from kohort.release.gate.draft import number
from kohort.release.gate.magnitudes import is_sensitive

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kohort.release.gate.draft import Draft
    from kohort.release.gate.exact import Exact
    from kohort.release.released import Number, Status
    from kohort.release.rules import OutputRules


def percentiles(exact: Exact, draft: Draft) -> None:
    """Work out smoothed percentiles; withhold those that too few persons stand behind or beyond.

    The percentile of quantile q among n values is the mean of the `min_cell` values whose ranks lie around
    q (n + 1); these ranks, and at least `min_cell` values on either side of the quantile, must exist.
    """
    for columns in exact.percentiles:
        place = exact.counts.index(columns.persons)
        shown: list[list[tuple[Number, Status]]] = [[] for _ in columns.quantiles]
        hidden = 0
        for row, values in enumerate(columns.values):
            visible = draft.statuses[exact.of[row, place]] == 0
            found = smoothed(values, columns.quantiles, draft.rules) if visible else [None] * len(columns.quantiles)
            for cells, value, measure in zip(shown, found, columns.measures, strict=True):
                empty = visible and not values
                status: Status = "not applicable" if empty else "withheld" if value is None else "shown"
                cells.append((None if value is None else round(value, measure.decimals), status))
                hidden += status == "withheld"
        draft.columns += list(zip(columns.measures, shown, strict=True))
        least = draft.rules.min_cell
        draft.did(
            "percentiles",
            f"each the mean of {least} values around its rank, with {least} persons or more on either side; "
            f"{number(hidden, 'percentile', 'percentiles')} withheld",
        )


def smoothed(values: Sequence[float], quantiles: Sequence[float], rules: OutputRules) -> list[float | None]:
    """Return each percentile of ascending values, or None where it must be withheld.

    Two percentiles whose ranks overlap would tell the values in which they differ: the one named first stays. A mean in
    which one value dominates, by the rules for sums, would tell that value.
    """
    count, width = len(values), rules.min_cell
    answer: list[float | None] = []
    taken: list[tuple[int, int]] = []
    for quantile in quantiles:
        start = floor(quantile * (count + 1) - width / 2 + 1e-9)
        window = (start, start + width)
        beyond = min(floor(quantile * count + 1e-9), count - ceil(quantile * count - 1e-9))
        inside = start >= 0 and window[1] <= count and beyond >= width
        overlaps = any(window != other and window[0] < other[1] and other[0] < window[1] for other in taken)
        found = values[max(start, 0) : window[1]]
        if not inside or overlaps or _dominated(found, rules):
            answer.append(None)
            continue
        taken.append(window)
        answer.append(sum(found) / width)
    return answer


def _dominated(values: Sequence[float], rules: OutputRules) -> bool:
    """Whether few of the values make up nearly all of their mean."""
    amounts = sorted((abs(value) for value in values), reverse=True)
    if rules.min_cell == 1:
        return False
    amount = Contributions(sum(amounts), len(amounts), len(amounts), tuple(amounts))
    return is_sensitive(amount, rules)
