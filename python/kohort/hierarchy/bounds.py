"""Intervals of numbers: between bounds that are given, and the one function that makes both kinds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl

from kohort.errors import ArgumentError
from kohort.hierarchy.bands import Bands
from kohort.hierarchy.base import Hierarchy
from kohort.hierarchy.numeric import finite, numeric, text

if TYPE_CHECKING:
    from kohort.hierarchy.numeric import Number


@dataclass(frozen=True, repr=False)
class Bounds(Hierarchy):
    """Bands between given bounds; made by `intervals(bounds=...)`."""

    kind: ClassVar[str] = "bounds"

    bounds: tuple[tuple[Number, ...], ...]
    top: bool = True

    def __post_init__(self) -> None:
        if not self.bounds or not all(self.bounds):
            raise ArgumentError(
                "bounds needs at least one number at each level, such as bounds=[[18, 30, 65], [18, 65]]"
            )
        for level, bounds in enumerate(self.bounds, start=1):
            for bound in bounds:
                finite("a bound", bound)
            for before, after in pairwise(bounds):
                if before >= after:
                    raise ArgumentError(f"the bounds of level {level} must increase, got {before!r} before {after!r}")
        for level, (below, above) in enumerate(zip(self.bounds, self.bounds[1:], strict=False), start=2):
            for bound in above:
                if bound not in below:
                    raise ArgumentError(
                        f"the bound {bound!r} of level {level} is none of level {level - 1}, so the bands do not nest: "
                        "add it below, or leave it out"
                    )

    def _generalize(self, leaves: pl.Series) -> pl.DataFrame:
        values = numeric(leaves, repr(self))
        columns = [leaves]
        for level, bounds in enumerate(self.bounds, start=1):
            texts = [text(bound) for bound in bounds]
            middle = [f"[{low}, {high}[" for low, high in pairwise(texts)]
            labels = pl.Series([f"<{texts[0]}", *middle, f"{texts[-1]}+"])
            whole = values.dtype.is_integer() and all(isinstance(bound, int) for bound in bounds)
            kind = pl.Int128 if whole else pl.Float64
            numbers = values.cast(kind)
            # How many bounds a value has reached is the number of its band.
            reached = pl.DataFrame([numbers.alias("0")]).select(
                pl.sum_horizontal((pl.col("0") >= pl.lit(bound, dtype=kind)).cast(pl.UInt32) for bound in bounds)
            )
            columns.append(labels.gather(reached.to_series()).alias(str(level)))
        return pl.DataFrame(columns)

    def _examples(self) -> pl.Series:
        bounds = self.bounds[0]
        return pl.Series("0", [bounds[0] - 1, *bounds[:4], bounds[-1]]).unique().sort()

    def describe(self, level: int) -> str:
        """Say how many bands there are."""
        return f"{len(self.bounds[level - 1]) + 1} bands" if 1 <= level <= len(self.bounds) else super().describe(level)

    def __repr__(self) -> str:
        levels = ", ".join(f"[{', '.join(map(str, bounds))}]" for bounds in self.bounds)
        return f"hierarchy.intervals(bounds=[{levels}]{'' if self.top else ', top=False'})"


def intervals(
    *widths: Number,
    bounds: Sequence[Number] | Sequence[Sequence[Number]] | None = None,
    origin: Number = 0,
    lower: Number | None = None,
    upper: Number | None = None,
    top: bool = True,
) -> Hierarchy:
    """Group numbers into bands that hold their lower end and not their upper.

    Parameters
    ----------
    *widths
        The width of the bands at each level, each a multiple of the one before.
    bounds
        Instead of widths, where the bands of each level meet: a list per level (or one list), each holding some of the
        bounds of the one before. Below the first and from the last bound bands are open.
    origin
        A number at which a band starts.
    lower, upper
        Values below `lower`, and from `upper` on, share an open band at each level (bottom and top coding).
    top
        Whether to end in the single value "*".

    Returns
    -------
    Hierarchy
        A hierarchy of whole numbers, decimals and floating-point numbers, with bands written as "[20, 30[", "<18" and
        "90+".

    Raises
    ------
    ArgumentError
        If a width is not a multiple of the one before, if bounds do not nest or increase, or if both or neither are
        given; when used, if the column is not numeric, or a value is NaN.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> age = kh.hierarchy.intervals(5, 20, lower=18, upper=90)
    >>> age.levels(pl.Series([17, 19, 24, 95])).drop("3").rows()
    [(17, '<18', '<18'), (19, '[18, 20[', '[18, 20['), (24, '[20, 25[', '[20, 40['), (95, '90+', '90+')]
    >>> kh.hierarchy.intervals(bounds=[[18, 30, 65], [18, 65]]).levels(pl.Series([40])).rows()
    [(40, '[30, 65[', '[18, 65[', '*')]
    """
    if bounds is not None:
        if widths or lower is not None or upper is not None or origin != 0:
            raise ArgumentError("give either widths (with origin, lower, upper) or bounds, which say all of it")
        if not isinstance(bounds, Sequence) or isinstance(bounds, str):
            raise ArgumentError(f"bounds must be a list of numbers, or a list of them for each level, got {bounds!r}")
        nested: list[Any] = list(bounds)
        if not any(isinstance(level, Sequence) for level in nested):
            nested = [nested]
        for level in nested:
            if not isinstance(level, Sequence) or isinstance(level, str):
                raise ArgumentError(f"bounds must be a list of numbers for each level, got {level!r} among them")
        return Bounds(tuple(tuple(level) for level in nested), top=top)
    if not widths:
        raise ArgumentError("intervals needs the width of its bands, such as intervals(5, 10), or bounds")
    return Bands(tuple(widths), origin, lower, upper, top=top)
