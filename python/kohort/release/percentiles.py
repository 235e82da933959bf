"""Percentiles of a value, smoothed over enough persons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from kohort.errors import ArgumentError
from kohort.release.cells import columns_of
from kohort.release.gate import Exact, Percentiles, protect_table
from kohort.release.released import Measure
from kohort.release.rules import OutputRules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kohort.release.released import Release

_DECIMALS = 2


def release_percentiles(
    df: Any,
    *,
    value: str,
    person: str,
    by: Sequence[str] = (),
    quantiles: Sequence[float] = (0.25, 0.5, 0.75),
    rules: OutputRules | None = None,
    title: str | None = None,
) -> Release:
    """Release percentiles of a value, by group, each smoothed over `min_cell` persons.

    Parameters
    ----------
    df
        A row per person, or several that are added up per person and group: polars, pandas, pyarrow, a DuckDB relation,
        the path of a Parquet file, or anything with the Arrow PyCapsule interface.
    value
        The column of values.
    person
        The column that names the person of each row.
    by
        The columns that name the groups; without them everyone is one group. There is no margin over groups.
    quantiles
        Which percentiles, as shares: 0.5 is the median.
    rules
        The thresholds to obey.
    title
        What heads the table.

    Returns
    -------
    Release
        The groups, the number of persons `n`, and a column per quantile, such as `p50`.

    Raises
    ------
    ArgumentError
        If a column is missing, a value is missing or not finite, a person is missing, or a quantile is not strictly
        between 0 and 1 or is there twice.

    Notes
    -----
    A percentile is the value of one person, or of two; it is not released. What is shown is the mean of the `min_cell`
    values whose ranks lie around q (n + 1): the pseudo-percentiles that Statistics Denmark asks for, there with five
    values. It is withheld where fewer than `min_cell` persons lie on one side of the quantile, where its ranks overlap
    with those of another that was named before it, and where the rules for sums (`OutputRules.dominance`, `p_percent`)
    call the mean dominated. Minima and maxima are never released.

    References
    ----------
    Bond S, Brandt M, de Wolf PP. Guidelines for the checking of output based on microdata research. Data without
    Boundaries, deliverable 11.8 (2015).

    Hyndman RJ, Fan Y. Sample quantiles in statistical packages. The American Statistician 50 (1996), definition 6.

    Examples
    --------
    >>> import polars as pl
    >>> df = pl.DataFrame({"id": range(99), "days": range(99)})
    >>> release_percentiles(df, value="days", person="id").to_polars()["p50"].to_list()
    [49.0]
    """
    quantiles = [_quantile(quantile) for quantile in quantiles]
    if not quantiles or len(set(quantiles)) != len(quantiles):
        raise ArgumentError(f"quantiles must be at least one, each once, got {quantiles}")
    frame = columns_of(df, list(by), [value, person])
    if not by:
        frame = frame.with_columns(pl.lit("everyone").alias("group"))
    column = frame[value]
    numeric = column.dtype.is_numeric()
    if not numeric or column.null_count() or not column.cast(pl.Float64).is_finite().all():
        raise ArgumentError(f"column {value!r} must hold numbers, without missing ones")
    if frame[person].null_count():
        raise ArgumentError(f"column {person!r} has missing values: every value needs its person")
    names = list(by) or ["group"]
    frame = frame.select(*names, pl.col(value).cast(pl.Float64).alias("\0value"), pl.col(person).alias("\0person"))
    each = frame.group_by(*names, "\0person", maintain_order=True).agg(pl.col("\0value").sum())
    groups = each.group_by(names, maintain_order=True).agg(pl.col("\0value").sort())
    exact = Exact(dimensions=tuple(names), counts=("n",))
    columns = Percentiles([Measure(_name(quantile), "derived", _DECIMALS) for quantile in quantiles], quantiles)
    for *labels, values in groups.rows():
        exact.cell(exact.row(tuple(labels)), "n", len(values))
        columns.values.append(values)
    exact.percentiles = [columns]
    head = title or f"Percentiles of {value}{' by ' + ', '.join(by) if by else ''}"
    return protect_table(exact, title=head, kind="percentiles", rules=rules or OutputRules(), context=None)


def _quantile(quantile: float) -> float:
    if isinstance(quantile, bool) or not isinstance(quantile, (int, float)) or not 0 < quantile < 1:
        raise ArgumentError(
            f"quantiles must lie strictly between 0 and 1, got {quantile!r}: minima and maxima are not released"
        )
    return float(quantile)


def _name(quantile: float) -> str:
    return f"p{100 * quantile:.6g}"
