"""Microaggregation: numbers replaced by the mean of at least k rows near each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from kohort import _core
from kohort._frames import open_frame
from kohort.errors import ArgumentError
from kohort.microdata import checks

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Microaggregation:
    """A frame whose numbers are means of groups; made by `kohort.microaggregate`.

    Attributes
    ----------
    frame
        The frame: the same kind, rows and order as the input, the columns now Float64.
    k
        The least number of rows in a group.
    groups
        How many groups there are.
    information_loss
        Sum of squares within groups over total sum of squares, of the standardized columns, in percent: the IL =
        SSE/SST by which methods are compared.
    """

    frame: Any
    k: int
    groups: int
    information_loss: float

    def __repr__(self) -> str:
        return (
            f"Microaggregation: means of {self.groups:,} groups of at least {self.k} rows, "
            f"information loss {self.information_loss:.2f} %"
        )


def microaggregate(
    df: Any, columns: str | Iterable[str], *, k: int = 11, method: Literal["mdav"] = "mdav"
) -> Microaggregation:
    """Replace numbers by the mean of at least k rows that are near each other.

    All named columns are grouped together, so that no row can be told from the k - 1 others of its group by them.

    Parameters
    ----------
    df
        A frame of any kind that `k_anonymity` takes; it is not changed.
    columns
        The numeric columns to replace; no value may be missing.
    k
        The least number of rows in a group.
    method
        "mdav", maximum distance to the average vector: groups of k rows, the last of up to 2k - 1.

    Returns
    -------
    Microaggregation
        The frame, and the information lost.

    Raises
    ------
    ArgumentError
        If a column is absent, ambiguous, named twice, not numeric, or has missing or infinite values, if the frame has
        fewer than k rows, or if `method` is not "mdav".

    Notes
    -----
    J. Domingo-Ferrer, J. M. Mateo-Sanz, "Practical data-oriented microaggregation for statistical disclosure control",
    IEEE TKDE 14 (2002); MDAV as in J. Domingo-Ferrer, V. Torra, "Ordinal, continuous and heterogeneous k-anonymity
    through microaggregation", Data Mining and Knowledge Discovery 11 (2005). Distances are Euclidean on columns
    standardized to mean 0 and variance 1. The time grows with the square of the rows. Means and totals of the columns
    are kept; variances shrink.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> df = pl.DataFrame({"cost": [10.0, 12.0, 11.0, 90.0, 95.0, 100.0]})
    >>> kh.microaggregate(df, "cost", k=3).frame["cost"].to_list()
    [11.0, 11.0, 11.0, 95.0, 95.0, 95.0]
    """
    names = checks.names("columns", columns)
    checks.threshold(k)
    if method != "mdav":
        raise ArgumentError(f"method must be 'mdav', got {method!r}")
    frame = open_frame(df).held()
    checks.columns(frame, names)
    rows = pl.DataFrame(frame.select(names))
    checks.some_rows(rows.height)
    if rows.height < k:
        raise ArgumentError(f"the frame has fewer rows than the {k} that a group needs: ask for a smaller k")
    numbers = rows.select(_number(rows[name]) for name in names)
    # A column of one value has no spread to divide by; it is at distance 0 anyway.
    spread = pl.when(pl.all().std(ddof=1) > 0).then(pl.all().std(ddof=1)).otherwise(1.0)
    standard = numbers.select((pl.all() - pl.all().mean()) / spread)
    group = pl.DataFrame(_core.microaggregate(standard, int(k)))["group"]
    grouped = standard.with_columns(group)
    within = grouped.select(((pl.col(names) - pl.col(names).mean().over("group")) ** 2).sum()).row(0)
    total = standard.select((pl.all() ** 2).sum()).row(0)
    means = numbers.with_columns(group).select(pl.col(names).mean().over("group"))
    return Microaggregation(
        frame=frame.replace({name: means[name] for name in names}),
        k=int(k),
        groups=group.n_unique(),
        information_loss=100 * sum(within) / sum(total) if sum(total) > 0 else 0.0,
    )


def _number(column: pl.Series) -> pl.Series:
    if not column.dtype.is_numeric():
        raise ArgumentError(
            f"column {column.name!r} is of type {column.dtype}, of which there is no mean: name numeric columns only"
        )
    numbers = column.cast(pl.Float64)
    if numbers.null_count() or not numbers.is_finite().all():
        raise ArgumentError(
            f"column {column.name!r} has missing or infinite values, which are near to nothing: fill them in, or leave "
            "the rows out"
        )
    return numbers
