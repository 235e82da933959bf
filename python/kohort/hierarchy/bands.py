"""Intervals of equal width."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import polars as pl

from kohort.errors import ArgumentError
from kohort.hierarchy import checks
from kohort.hierarchy.base import Hierarchy
from kohort.hierarchy.numeric import exact, finite, numeric, places, scaled, text

if TYPE_CHECKING:
    from kohort.hierarchy.numeric import Number


@dataclass(frozen=True, repr=False)
class Bands(Hierarchy):
    """Bands of equal width; made by `intervals`."""

    kind: ClassVar[str] = "intervals"

    widths: tuple[Number, ...]
    origin: Number = 0
    lower: Number | None = None
    upper: Number | None = None
    top: bool = True

    def __post_init__(self) -> None:
        for name, value in (("origin", self.origin), ("lower", self.lower), ("upper", self.upper)):
            if value is not None:
                finite(name, value)
        for width in self.widths:
            finite("a width", width)
            if width <= 0:
                raise ArgumentError(f"a width must be above 0, got {width!r}")
        for before, after in pairwise(self.widths):
            if after <= before or exact(after) % exact(before):
                raise ArgumentError(
                    f"each width must be a multiple of the one before, so that bands nest: {after} is no multiple of "
                    f"{before}"
                )
        if self.lower is not None and self.upper is not None and self.lower >= self.upper:
            raise ArgumentError(f"lower must be below upper, got {self.lower!r} and {self.upper!r}")

    def _generalize(self, leaves: pl.Series) -> pl.DataFrame:
        values = numeric(leaves, repr(self))
        # In units of the last decimal that anyone wrote, all ends of bands are whole numbers.
        scale = 10 ** max(places(n) for n in (*self.widths, self.origin, self.lower, self.upper) if n is not None)
        values = values.cast(pl.Float64 if values.dtype.is_float() or scale > 1 else pl.Int128)
        below, above = self._outside(values)
        inside = pl.select(pl.when(~(below | above)).then(values).alias("0")).to_series()
        self._refuse_endless(inside)
        narrowest = scaled(self.widths[0], scale)
        first = _bands(inside, narrowest, scaled(self.origin, scale), scale)
        columns = [leaves]
        for level, width in enumerate(self.widths, start=1):
            size = scaled(width, scale)
            labels = self._labels(first, size // narrowest, size, scale)
            labels = labels.set(below, f"<{text(self.lower)}").set(above, f"{text(self.upper)}+")
            columns.append(labels.alias(str(level)))
        return pl.DataFrame(columns)

    def _outside(self, values: pl.Series) -> tuple[pl.Series, pl.Series]:
        frame = values.to_frame("0")
        below = pl.lit(False) if self.lower is None else pl.col("0") < self.lower
        above = pl.lit(False) if self.upper is None else pl.col("0") >= self.upper
        both = frame.select(pl.col("0").is_null().alias("none"), below=below, above=above)
        return both["below"], both["above"]

    def _refuse_endless(self, inside: pl.Series) -> None:
        if inside.dtype.is_float():
            endless = inside.filter(inside.abs() == math.inf)
            checks.refuse(
                endless, "values without end lie in no band", "give lower= and upper= for open bands, or make them null"
            )

    def _labels(self, narrow: pl.Series, ratio: int, size: int, scale: int) -> pl.Series:
        """Write the bands, cut at the limits."""
        unit = pl.Int128
        band = pl.col("band") // pl.lit(ratio, dtype=unit)
        low = band * pl.lit(size, dtype=unit) + pl.lit(scaled(self.origin, scale), dtype=unit)
        high = low + pl.lit(size, dtype=unit)
        if self.lower is not None:
            low = pl.max_horizontal(low, pl.lit(scaled(self.lower, scale), dtype=unit))
        if self.upper is not None:
            high = pl.min_horizontal(high, pl.lit(scaled(self.upper, scale), dtype=unit))
        label = pl.format("[{}, {}[", _written(low, scale), _written(high, scale))
        return narrow.to_frame("band").select(label.alias("label"))["label"]

    def _examples(self) -> pl.Series:
        start = self.origin if self.lower is None else self.lower
        steps = (0, 1, 3, 7) if self.lower is None else (-1, 0, 1, 3, 7)
        return pl.Series("0", [start + self.widths[0] * step for step in steps])

    def describe(self, level: int) -> str:
        """Give the width of the bands."""
        return f"bands of {self.widths[level - 1]}" if 1 <= level <= len(self.widths) else super().describe(level)

    def __repr__(self) -> str:
        options = [f"origin={self.origin}"] if self.origin else []
        options += [f"lower={self.lower}"] if self.lower is not None else []
        options += [f"upper={self.upper}"] if self.upper is not None else []
        options += [] if self.top else ["top=False"]
        return f"hierarchy.intervals({', '.join([*map(str, self.widths), *options])})"


def _bands(values: pl.Series, size: int, origin: int, scale: int) -> pl.Series:
    """Give the number of the band that each value lies in; a band's ends are the floats nearest to the decimals."""
    if values.dtype.is_integer():
        width, start = pl.lit(size, dtype=pl.Int128), pl.lit(origin, dtype=pl.Int128)
        return values.to_frame("0").select(((pl.col("0") - start) // width).alias("band"))["band"]
    # numpy divides exactly rounded, where polars multiplies by a reciprocal.
    numbers = values.to_numpy()
    rough = np.floor((numbers * scale - origin) / size)
    huge = values.filter(pl.Series(np.abs(rough) > 2.0**52))
    checks.refuse(huge, "values are too large for bands so narrow", "take wider bands, or give lower= and upper=")
    # Rounding may have put a value at an end one band too low or too high.
    rough += (numbers >= ((rough + 1) * size + origin) / scale).astype(float)
    rough -= (numbers < (rough * size + origin) / scale).astype(float)
    return pl.Series("band", rough, nan_to_null=True).cast(pl.Int128)


def _written(units: pl.Expr, scale: int) -> pl.Expr:
    """Write units of 1/scale as decimals."""
    if scale == 1:
        return units.cast(pl.String)
    size, unit = units.abs(), pl.lit(scale, dtype=pl.Int128)
    digits = (size % unit).cast(pl.String).str.zfill(len(str(scale)) - 1).str.strip_chars_end("0")
    sign = pl.when(units < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return sign + (size // unit).cast(pl.String) + pl.when(digits == "").then(digits).otherwise("." + digits)
