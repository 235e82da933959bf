"""Hierarchy of codes that are masked character by character."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import polars as pl

from kohort.errors import ArgumentError
from kohort.hierarchy import checks
from kohort.hierarchy.base import Hierarchy
from kohort.hierarchy.conversion import as_text, leaves_of

if TYPE_CHECKING:
    from typing import Self


@dataclass(frozen=True, repr=False)
class Redaction(Hierarchy):
    """Codes masked character by character; made by `redaction`."""

    kind: ClassVar[str] = "redaction"

    masked: str = "*"
    start: Literal["right", "left"] = "right"
    length: int | None = None
    top: bool = True

    def __post_init__(self) -> None:
        checks.one_character("masked", self.masked)
        if self.start not in ("right", "left"):
            raise ArgumentError(f"start must be 'right' or 'left', got {self.start!r}")
        if self.length is not None and (
            isinstance(self.length, bool) or not isinstance(self.length, int) or self.length < 1
        ):
            raise ArgumentError(f"length must be a whole number from 1, got {self.length!r}")

    def _generalize(self, leaves: pl.Series) -> pl.DataFrame:
        text = as_text(leaves, repr(self))
        sizes = text.str.len_chars().cast(pl.Int64)
        length = _longest(sizes) if self.length is None else self.length
        too_long = f"codes are longer than the {length} characters of {self!r}"
        checks.refuse(text.filter(sizes > length), too_long, "raise length to the longest code")
        code, size = pl.col("0").cast(pl.String), pl.lit(sizes)
        # All of the mask that is ever needed, cut to the number of hidden characters.
        mask = pl.lit(self.masked * length)
        columns = []
        for level in range(1, length + 1):
            hidden = pl.min_horizontal(size, pl.lit(level, dtype=pl.Int64))
            kept = size - hidden
            stars = mask.str.slice(0, hidden)
            shown = code.str.slice(0, kept) if self.start == "right" else code.str.slice(hidden)
            parts = [shown, stars] if self.start == "right" else [stars, shown]
            columns.append(pl.concat_str(parts).alias(str(level)))
        return leaves.to_frame().with_columns(columns)

    def fitted(self, values: pl.Series) -> Self:
        """Fix the number of levels at the length of the longest value."""
        if self.length is not None:
            return self
        leaves = leaves_of(values)
        text = leaves.cast(pl.String) if leaves.dtype == pl.Null else as_text(leaves, repr(self))
        sizes = text.str.len_chars().cast(pl.Int64)
        return type(self)(self.masked, self.start, _longest(sizes), top=self.top)

    def _examples(self) -> pl.Series:
        return pl.Series("0", ["44109"[: self.length], "44190"[: self.length], "75056"[: self.length]]).unique().sort()

    def describe(self, level: int) -> str:
        """Say how much of the code is masked."""
        if self.length is not None and level > self.length:
            return "nothing"
        return f"{level} masked" if level else "value"

    def __repr__(self) -> str:
        length = "" if self.length is None else f", length={self.length}"
        return f"hierarchy.redaction({self.masked!r}, start={self.start!r}{length}{'' if self.top else ', top=False'})"


def _longest(sizes: pl.Series) -> int:
    longest = sizes.max()
    return max(int(longest), 1) if isinstance(longest, int) else 1


def redaction(
    masked: str = "*", *, start: Literal["right", "left"] = "right", length: int | None = None, top: bool = True
) -> Hierarchy:
    """Mask codes character by character, one more at each level.

    Parameters
    ----------
    masked
        The character that stands for a masked one.
    start
        Where masking begins: "right" keeps the first characters longest.
    length
        How many characters the longest code has, which is the number of levels; by default that of the values at hand
        (`fitted` fixes it).
    top
        Whether to end in the single value "*", after the level where all characters are masked.

    Returns
    -------
    Hierarchy
        A hierarchy of text, or of whole numbers read as text. A masked code still shows how long it was.

    Raises
    ------
    ArgumentError
        If an argument is none of these; when used, if a code is longer than `length`.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> kh.hierarchy.redaction(top=False).levels(pl.Series([81667, 81675])).rows()[0]
    (81667, '8166*', '816**', '81***', '8****', '*****')
    """
    return Redaction(masked, start, length, top=top)
