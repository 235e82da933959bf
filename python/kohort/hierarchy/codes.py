"""Hierarchies of codes by their characters: suppression, prefixes, the levels of ATC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from kohort.errors import ArgumentError
from kohort.hierarchy import checks
from kohort.hierarchy.base import Hierarchy
from kohort.hierarchy.conversion import as_text

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
