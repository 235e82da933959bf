"""What an output must satisfy before it may leave."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kohort.errors import ArgumentError
from kohort.release.protections import Protection, check_protection


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputRules:
    """The thresholds that every released table obeys.

    Parameters
    ----------
    min_cell
        The smallest number of persons that a shown cell may stand for. 11 is the French practice (Health Data Hub:
        counts below 11 are not returned); 10, 7 and 5 are used elsewhere. 1 hides nothing; 2 with shown zeros
        names its cells "<2", which is to say 1.
    show_zeros
        Whether cells without persons are shown (French practice) or hidden like other small counts. Inside a group
        of fewer than `min_cell` persons nothing is broken down, zeros included.
    rounding
        After suppression, the base to which counts are rounded, halves up; margins are rounded from exact counts, and
        person-years to what as many persons as the base contribute. 1 rounds nothing; 5 with a `min_cell` of 8 is
        OpenSAFELY's rule.
    protection
        What protects counts instead of suppression: `Rounding`, `CellKeys` or `DifferentialPrivacy`. Nothing is
        hidden then, and `min_cell` only says which counts are small for figures that few persons must not stand behind.

    Raises
    ------
    ArgumentError
        If `min_cell` is not a whole number of at least 1, `show_zeros` is not a truth value, zeros are to be hidden
        below a `min_cell` of 1, or a protection is combined with what belongs to suppression.

    Examples
    --------
    >>> OutputRules().min_cell
    11
    """

    min_cell: int = 11
    show_zeros: bool = True
    rounding: int = 1
    protection: Protection | None = None

    def __post_init__(self) -> None:
        if isinstance(self.min_cell, bool) or not isinstance(self.min_cell, int) or self.min_cell < 1:
            raise ArgumentError(f"min_cell must be a whole number of persons, at least 1, got {self.min_cell!r}")
        if not isinstance(self.show_zeros, bool):
            raise ArgumentError(f"show_zeros must be True or False, got {self.show_zeros!r}")
        if self.min_cell == 1 and not self.show_zeros:
            raise ArgumentError("min_cell=1 cannot hide zeros, since '<1' says zero: raise min_cell, or show zeros")
        check_protection(self.protection, rounding=self.rounding, show_zeros=self.show_zeros)

    def published(self) -> OutputRules:
        """Return the rules as a release may carry them: without a secret and without a budget."""
        return self if self.protection is None else replace(self, protection=self.protection.published())

    def __str__(self) -> str:
        if self.protection is not None:
            return str(self.protection)
        zeros = "zeros shown" if self.show_zeros else "zeros hidden"
        rounded = f"; rounded to {self.rounding}" if self.rounding > 1 else ""
        return f"counts below {self.min_cell} hidden, with what would tell them; {zeros}{rounded}"
