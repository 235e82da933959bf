"""Prevalence: persons, cases among them, and cases per 1,000 over a cross of dimensions, with margins."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

from kohort.release.cross import levels_of
from kohort.release.gate import Derived, protect_table
from kohort.release.released import Measure
from kohort.release.rules import OutputRules
from kohort.release.shares import read_cells, sums_of, whole_and_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kohort.release.cross import Key
    from kohort.release.gate import Memory
    from kohort.release.released import Number, Release

# The 97.5 % quantile of the standard normal distribution.
_Z = 1.959963984540054


def wilson_interval(cases: int, persons: int) -> tuple[float, float]:
    """Return the 95 % score limits of a proportion.

    References
    ----------
    Wilson EB. Probable inference, the law of succession, and statistical inference. JASA 22 (1927).

    Examples
    --------
    >>> [round(limit, 4) for limit in wilson_interval(5, 100)]
    [0.0215, 0.1118]
    """
    share, square = cases / persons, _Z * _Z
    center = (share + square / (2 * persons)) / (1 + square / persons)
    width = _Z * sqrt(share * (1 - share) / persons + square / (4 * persons**2)) / (1 + square / persons)
    return max(0.0, center - width), min(1.0, center + width)


def release_prevalence(
    rows: Iterable[Sequence[object]],
    dimensions: Mapping[str, Sequence[str]] | Sequence[str],
    *,
    rules: OutputRules | None = None,
    context: Mapping[str, str] | None = None,
    title: str = "Prevalence",
    people: Mapping[Key, tuple[Any, Any]] | None = None,
    memory: Memory | None = None,
) -> Release:
    """Release prevalence per 1,000 persons with Wilson's 95 % intervals.

    Margins named "Total" are added on every dimension and combination. Persons, cases and persons who are no cases are
    protected as one table.

    Parameters
    ----------
    rows
        Exact counts of cells, each once: a label per dimension, then persons and cases.
    dimensions
        Names of the dimensions, or names with their ordered labels; combinations without a row hold nobody.
    rules, context, title, memory
        See `protect_table`.
    people
        The persons and the cases, for each cell that is no margin; for `memory`.

    Returns
    -------
    Release
        Columns `persons`, `cases`, `per_1000` and its limits `per_1000_low` and `per_1000_high`.

    Raises
    ------
    ArgumentError
        If a row is given twice, has another number of entries, or more cases than persons.

    References
    ----------
    Brown LD, Cai TT, DasGupta A. Interval estimation for a binomial proportion. Statistical Science 16 (2001).

    Examples
    --------
    >>> rel = release_prevalence([("f", 400, 40), ("m", 300, 60)], ["sex"])
    >>> rel.to_polars()["per_1000"].to_list()
    [100.0, 200.0, 142.86]
    """
    cells = read_cells(rows, len(dimensions), ("persons", "cases"))
    levels = levels_of(dimensions, cells)
    exact = whole_and_part(sums_of(cells, levels, 2), levels, ("persons", "cases"), people)

    def per_thousand(name: str, share: Callable[[int, int], float]) -> Derived:
        def formula(_: int, counts: Sequence[int]) -> Number:
            persons = counts[0]
            # Rounded or perturbed counts may have more cases than persons.
            return round(1000 * share(min(counts[1], persons), persons), 2) if persons > 0 else None

        return Derived(Measure(name, "derived", 2), ("persons", "cases"), formula)

    exact.derived = [
        per_thousand("per_1000", lambda cases, persons: cases / persons),
        per_thousand("per_1000_low", lambda cases, persons: wilson_interval(cases, persons)[0]),
        per_thousand("per_1000_high", lambda cases, persons: wilson_interval(cases, persons)[1]),
    ]
    return protect_table(
        exact, title=title, kind="prevalence", rules=rules or OutputRules(), context=context, memory=memory
    )
