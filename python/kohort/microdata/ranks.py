"""A column as ranks, and ranges of ranks as what a reader sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from kohort.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Ranked:
    """A column by the rank of its values, from 1; a missing value has rank 0.

    `values` are the distinct values by rank, `texts` how they read, `scale` where each rank lies when widths are
    compared (for numbers and times the value itself), `ordered` whether a range says more than a set.
    """

    ranks: pl.Series
    values: pl.Series
    texts: list[str]
    scale: list[float]
    ordered: bool
    continuous: bool

    def labels(self, low: pl.Series, high: pl.Series, missing: pl.Series) -> pl.Series:
        """Write ranges of ranks: a value, `[a, b]`, `{a, b}`, `*`; null where all are missing."""
        seen: dict[tuple[int, int], str | None] = {}
        written = []
        for a, b, gap in zip(low.to_list(), high.to_list(), missing.to_list(), strict=True):
            if (a, b) not in seen:
                seen[a, b] = self._label(a, b)
            label = seen[a, b]
            written.append(f"{label} or missing" if gap and label is not None else label)
        return pl.Series(written, dtype=pl.String)

    def _label(self, low: int, high: int) -> str | None:
        if high == 0:
            return None
        if low == high:
            return self.texts[low - 1]
        if self.ordered:
            return f"[{self.texts[low - 1]}, {self.texts[high - 1]}]"
        if low == 1 and high == len(self.texts):
            return "*"
        return "{" + ", ".join(sorted(self.texts[low - 1 : high])) + "}"

    def midpoints(self, low: pl.Series, high: pl.Series) -> pl.Series:
        """Halfway between the ends of ranges of ranks; null where all are missing."""
        known = high > 0
        first = self.values.gather((low.cast(pl.Int64) - 1).clip(0))
        last = self.values.gather((high.cast(pl.Int64) - 1).clip(0))
        if self.values.dtype.is_numeric():
            middle = first + (last - first) / 2
        else:
            start, end = first.to_physical(), last.to_physical()
            middle = (start + (end - start) // 2).cast(self.values.dtype)
        return pl.select(pl.when(known).then(middle)).to_series()

    def penalty(self, low: pl.Series, high: pl.Series, missing: pl.Series, sizes: pl.Series) -> float:
        """Sum the normalized certainty penalty over rows: the part of the range, or of the values, that a box has."""
        if self.continuous:
            scale = pl.Series(self.scale)
            part = scale.gather(high) - scale.gather(low)
            whole = (self.scale[-1] - self.scale[1]) if len(self.scale) > 1 else 0.0
            part = part / whole if whole > 0 else part * 0
            # What is now known to be missing or not is not counted as detail of a number.
            return float((part.fill_nan(0.0) * sizes).sum())
        count = len(self.texts) + (self.ranks == 0).any()
        covered = (high.cast(pl.Int64) - low.cast(pl.Int64)) + (high > 0) + missing
        part = pl.select(pl.when(covered > 1).then(covered / count).otherwise(0.0)).to_series()
        return float((part * sizes).sum())


def rank(column: pl.Series, order: Sequence[Any] | None = None) -> Ranked:
    """Rank the values of a column: numbers, times, ordered categories as they are, others by `order` or frequency."""
    kind = column.dtype
    if kind.is_nested() or kind == pl.Object:
        raise ArgumentError(
            f"column {column.name!r} is of type {kind}, which has no single value per row to compare: unnest it, or "
            "turn it into text, and try again"
        )
    if kind.is_float() and column.is_nan().any():
        raise ArgumentError(
            f"column {column.name!r} has NaN, which lies in no interval: make it null with fill_nan(None), or drop "
            "the rows"
        )
    continuous = order is None and (kind.is_numeric() or kind.is_temporal())
    ordered = continuous or order is not None or kind in (pl.Enum, pl.Boolean)
    plain = column.cast(pl.String) if isinstance(kind, pl.Categorical) else column
    if order is not None:
        values = _listed(plain, order)
    elif isinstance(kind, pl.Enum) or continuous or kind == pl.Boolean:
        values = plain.drop_nulls().unique().sort()
    else:
        counted = plain.drop_nulls().value_counts(name="number of rows")
        values = counted.sort("number of rows", plain.name, descending=[True, False])[plain.name]
    if continuous and values.len():
        ranks = values.search_sorted(plain) + 1
    else:
        numbers = pl.DataFrame({"value": values, "rank": pl.int_range(1, values.len() + 1, eager=True)})
        ranks = plain.to_frame("value").join(numbers, on="value", how="left", maintain_order="left")["rank"]
    ranks = pl.select(pl.when(plain.is_null()).then(0).otherwise(ranks)).to_series().cast(pl.UInt32)
    if continuous and values.len():
        physical = values.to_physical().cast(pl.Float64).to_list()
        scale = [physical[0], *physical]
    else:
        scale = [float(number) for number in range(values.len() + 1)]
    return Ranked(ranks, values, [_text(value) for value in values.to_list()], scale, ordered, continuous)


def _listed(column: pl.Series, order: Sequence[Any]) -> pl.Series:
    values = pl.Series(list(order)).cast(column.dtype)
    if values.is_duplicated().any() or values.null_count():
        raise ArgumentError(f"the order of column {column.name!r} must list each value once, and no missing value")
    absent = column.drop_nulls().unique().is_in(values.implode()).not_().sum()
    if absent:
        raise ArgumentError(
            f"the order of column {column.name!r} lacks {absent} of its values: list every value that occurs"
        )
    return values


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
