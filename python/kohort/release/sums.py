"""Sums of a value over persons under differential privacy, with each person's part clipped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from kohort._frames import open_frame
from kohort.errors import ArgumentError
from kohort.release.cross import covering, keys_with_margins, levels_of, lines, reluctance
from kohort.release.gate import Amount, Derived, Exact, protect_table
from kohort.release.protections import DifferentialPrivacy
from kohort.release.released import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kohort.release.cross import Key
    from kohort.release.released import Number, Release
    from kohort.release.rules import OutputRules

_LARGEST = 2**40


def release_sums(
    df: Any,
    *,
    dimensions: Mapping[str, Sequence[str]],
    person: str,
    value: str,
    bounds: tuple[int, int],
    rules: OutputRules,
    title: str | None = None,
) -> Release:
    """Release sums and means of a value by group, with the number of persons, under differential privacy.

    Each person counts in one cell: that of the person's first labels, where records have several; records of other
    cells, with a label that is not declared, or without a person are left out. The person's values there are added (a
    missing one is 0), clipped to the bounds and rounded to a whole number. Nothing of this depends on other persons, so
    one person changes one cell, by one person and by at most the larger bound.

    Parameters
    ----------
    df
        Records, each with its person; any frame that `release_table` takes.
    dimensions
        Names of the dimensions with their labels, declared without looking at the data.
    person, value
        The columns of identifiers and of the value that is summed.
    bounds
        The least and the largest part of one person, whole numbers, set without looking at the data: sums of a value
        that goes beyond are too small, bounds that are too wide cost precision.
    rules
        Rules with `DifferentialPrivacy`; persons and sums share its rho equally.
    title
        What heads the table.

    Returns
    -------
    Release
        Columns `persons`, the sum (named as the value) and `mean` (their ratio, one decimal).

    Raises
    ------
    ArgumentError
        If the rules have no differential privacy, a column is missing, or bounds are not whole numbers in order.
    BudgetSpent
        If the budget has less than rho left.

    Notes
    -----
    Sum with clipped contributions: Dwork C, Roth A. The algorithmic foundations of differential privacy (2014), 3.3;
    noise: see `DifferentialPrivacy`.

    Examples
    --------
    >>> import polars as pl
    >>> from kohort.release import DifferentialPrivacy, MemoryBudget, OutputRules
    >>> df = pl.DataFrame({"person": range(1000), "sex": ["f", "m"] * 500, "days": [3, 8] * 500})
    >>> rules = OutputRules(protection=DifferentialPrivacy(rho=0.5, budget=MemoryBudget(1.0)))
    >>> release = release_sums(
    ...     df, dimensions={"sex": ["f", "m"]}, person="person", value="days", bounds=(0, 30), rules=rules
    ... )
    >>> 1_000 < release.to_polars()["days"][0] < 2_000
    True
    """
    if not isinstance(rules.protection, DifferentialPrivacy):
        raise ArgumentError(
            "release_sums clips sums for differential privacy alone: give rules with "
            "protection=DifferentialPrivacy(rho=..., budget=...)"
        )
    low, high = bounds
    if any(isinstance(bound, bool) or not isinstance(bound, int) or abs(bound) > _LARGEST for bound in bounds) or (
        low >= high
    ):
        raise ArgumentError(f"bounds must be two whole numbers in order, up to 2**40, got {bounds!r}")
    levels = levels_of(dimensions, ())
    sums: dict[Key, list[int]] = {key: [0, 0] for key in keys_with_margins(levels)}
    for *labels, persons, total in _cells(df, levels, person, value, bounds).iter_rows():
        for cover in covering(tuple(labels)):
            sums[cover][0] += persons
            sums[cover][1] += total
    exact = Exact(dimensions=tuple(levels), counts=("persons",))
    cells = {key: exact.cell(exact.row(key), "persons", found[0], reluctance(key)) for key, found in sums.items()}
    for margin, parts in lines(levels):
        exact.relate(cells[margin], [cells[part] for part in parts])
    totals = [found[1] for found in sums.values()]
    amount = Amount(value, totals.__getitem__, "persons", most=max(abs(low), abs(high)))
    exact.derived = [
        Derived(Measure(value, "derived"), ("persons",), lambda _, counts: counts[1], amount),
        Derived(Measure("mean", "derived", 1), ("persons",), _mean, amount),
    ]
    head = title or f"{value} by {', '.join(levels)}"
    return protect_table(exact, title=head, kind="sums", rules=rules)


def _mean(_: int, counts: Sequence[float]) -> Number:
    persons, total = counts
    return round(total / persons, 1) if persons > 0 else None


def _cells(
    df: Any, levels: Mapping[str, Sequence[str]], person: str, value: str, bounds: tuple[int, int]
) -> pl.DataFrame:
    """Return labels, persons and clipped sums of the cells that have a person."""
    names = list(levels)
    opened = open_frame(df)
    wanted = [*names, person, value]
    missing = [name for name in wanted if name not in opened.columns]
    if missing or len(set(wanted)) != len(wanted) or {"persons", "mean"} & {value, *names}:
        raise ArgumentError(
            f"the table has no column {missing[0]!r}: its columns are {opened.columns}"
            if missing
            else f"dimensions {names}, person {person!r} and value {value!r} must be different columns, none of them "
            "named 'persons' or 'mean'"
        )
    frame = pl.DataFrame(opened.select(wanted))
    if not frame[value].dtype.is_numeric():
        raise ArgumentError(f"column {value!r} must hold numbers to be summed")
    who, what = pl.col(person), pl.col(value).cast(pl.Float64)
    of_person = (
        frame.with_columns(pl.col(names).cast(pl.String).fill_null("(missing)"))
        .filter(who.is_not_null(), *(pl.col(name).is_in(list(labels)) for name, labels in levels.items()))
        .group_by(person, *names)
        # One record beyond all measure must not make the sum of its person undefined.
        .agg(what.fill_nan(0).fill_null(0).clip(-_LARGEST, _LARGEST).sum().alias("__sum"))
        .sort(person, *names)
        .group_by(person, maintain_order=True)
        .first()
    )
    low, high = bounds
    clipped = pl.col("__sum").clip(low, high).round().cast(pl.Int64)
    return of_person.group_by(names).agg(pl.len().cast(pl.Int64), clipped.sum().alias("__total"))
