"""Hierarchies of codes by their characters: suppression, prefixes, redaction, the levels of ATC."""

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

#: Characters of an ATC code that name its anatomical group, therapeutic, pharmacological and chemical subgroup.
ATC_LEVELS = {5: "chemical subgroup", 4: "pharmacological subgroup", 3: "therapeutic subgroup", 1: "anatomical group"}
ATC_CODE = r"^[ABCDGHJLMNPRSV](\d\d([A-Z]([A-Z](\d\d)?)?)?)?$"


@dataclass(frozen=True, repr=False)
class Suppression(Hierarchy):
    """The value or nothing; made by `suppress`."""

    kind: ClassVar[str] = "suppress"

    def _generalize(self, leaves: pl.Series) -> pl.DataFrame:
        return leaves.to_frame()

    def _examples(self) -> pl.Series:
        return pl.Series("0", ["a value", "another"])

    def describe(self, level: int) -> str:
        """Say what the values of a level are."""
        return "nothing" if level else "value"

    def __repr__(self) -> str:
        return "hierarchy.suppress()"


def suppress() -> Hierarchy:
    """Show the value, or nothing of it.

    Returns
    -------
    Hierarchy
        A hierarchy of two levels: the value and "*".

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> kh.hierarchy.suppress().levels(pl.Series(["F", "M"])).rows()
    [('F', '*'), ('M', '*')]
    """
    return Suppression()


@dataclass(frozen=True, repr=False)
class Prefixes(Hierarchy):
    """Codes cut after so many characters; made by `prefixes`."""

    kind: ClassVar[str] = "prefixes"

    lengths: tuple[int, ...]
    top: bool = True

    def __post_init__(self) -> None:
        for length in self.lengths:
            if isinstance(length, bool) or not isinstance(length, int) or length < 1:
                raise ArgumentError(f"lengths of prefixes must be whole numbers from 1, got {length!r}")
        if not self.lengths:
            raise ArgumentError("prefixes needs at least one length, such as prefixes(3, 1)")
        for longer, shorter in zip(self.lengths, self.lengths[1:], strict=False):
            if longer <= shorter:
                raise ArgumentError(
                    f"prefixes must get shorter from level to level, got {longer} before {shorter}: "
                    f"write prefixes({', '.join(map(str, sorted(set(self.lengths), reverse=True)))})"
                )

    def _generalize(self, leaves: pl.Series) -> pl.DataFrame:
        text = as_text(leaves, repr(self))
        return pl.DataFrame([leaves, *(text.str.slice(0, n).alias(str(i)) for i, n in enumerate(self.lengths, 1))])

    def _examples(self) -> pl.Series:
        return pl.Series("0", ["E119", "E112", "C679"])

    def describe(self, level: int) -> str:
        """Say how much of the code is left."""
        if 1 <= level <= len(self.lengths):
            length = self.lengths[level - 1]
            return "first character" if length == 1 else f"first {length} characters"
        return super().describe(level)

    def __repr__(self) -> str:
        return f"hierarchy.prefixes({', '.join(map(str, self.lengths))}{'' if self.top else ', top=False'})"


def prefixes(*lengths: int, top: bool = True) -> Hierarchy:
    """Cut codes after so many characters.

    Parameters
    ----------
    *lengths
        How many characters are kept at each level, fewer and fewer. A code that is shorter stays as it is.
    top
        Whether to end in the single value "*".

    Returns
    -------
    Hierarchy
        A hierarchy of text, or of whole numbers read as text.

    Raises
    ------
    ArgumentError
        If the lengths do not decrease; when used, if the column is neither text nor whole numbers.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> kh.hierarchy.prefixes(3, 1).levels(pl.Series(["E119", "E10"])).rows()
    [('E10', 'E10', 'E', '*'), ('E119', 'E11', 'E', '*')]
    """
    return Prefixes(tuple(lengths), top=top)


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


@dataclass(frozen=True, repr=False)
class Atc(Hierarchy):
    """The levels of ATC; made by `atc`."""

    kind: ClassVar[str] = "atc"

    top: bool = True

    def _generalize(self, leaves: pl.Series) -> pl.DataFrame:
        text = as_text(leaves, repr(self))
        checks.refuse(
            text.filter(~text.str.contains(ATC_CODE)),
            "values are no ATC codes",
            "write them as in A10BA02, whole or cut at a level",
        )
        return pl.DataFrame([leaves, *(text.str.slice(0, n).alias(str(i)) for i, n in enumerate(ATC_LEVELS, 1))])

    def _examples(self) -> pl.Series:
        return pl.Series("0", ["A10BA02", "A10BH01", "C10AA05"])

    def describe(self, level: int) -> str:
        """Give the name of the level in ATC."""
        return ("substance", *ATC_LEVELS.values())[level] if level <= len(ATC_LEVELS) else super().describe(level)

    def __repr__(self) -> str:
        return f"hierarchy.atc({'' if self.top else 'top=False'})"


def atc(*, top: bool = True) -> Hierarchy:
    """Generalize ATC codes by the levels of their classification.

    Parameters
    ----------
    top
        Whether to end in the single value "*".

    Returns
    -------
    Hierarchy
        Substance (7 characters), chemical subgroup (5), pharmacological subgroup (4), therapeutic subgroup (3),
        anatomical group (1). A code that is cut at a level stays as it is below that level.

    Raises
    ------
    ArgumentError
        When used, if a value has not the form of an ATC code.

    Notes
    -----
    WHO Collaborating Centre for Drug Statistics Methodology, "Guidelines for ATC classification and DDD assignment".

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> kh.hierarchy.atc().levels(pl.Series(["A10BA02"])).rows()
    [('A10BA02', 'A10BA', 'A10B', 'A10', 'A', '*')]
    """
    return Atc(top=top)
