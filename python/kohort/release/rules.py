"""What an output must satisfy before it may leave."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

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
    group_share
        Group disclosure: a line of a sensitive attribute is not broken down where one part holds this share of it or
        more; None switches the rule off, and so does a `min_cell` of 1.
    dominance
        The (n, k) rules for magnitudes: a sum is hidden where its n largest contributors hold more than the share k.
        (2, 0.85) is the rule of the Deutsche Bundesbank's research data center; ACRO has (2, 0.9), Insee (1, 0.85).
    p_percent
        The p% rule for magnitudes: a sum is hidden where its second largest contributor could estimate the largest
        to within p percent; a (p, q) rule is `p_percent=100 * p / q`; None switches the rule off.
    rounding
        After suppression, the base to which counts are rounded, halves up; margins are rounded from exact counts, and
        person-years to what as many persons as the base contribute. 1 rounds nothing; 5 with a `min_cell` of 8 is
        OpenSAFELY's rule.
    protection
        What protects counts instead of suppression: `Rounding`, `CellKeys` or `DifferentialPrivacy`. Nothing is
        hidden then, and `min_cell` only says which counts are small for figures that few persons must not stand behind.
    search
        How protective cells are chosen: "heuristic"; "optimal", which seeks the cheapest set by integer programming and
        may take minutes for some hundreds of cells; or "auto", which does so for small tables and little effort. All
        protect alike; what differs is how much is hidden. Another choice of cells for the same table can show what the
        first one hid: keep to one, and release a table once.

    Raises
    ------
    ArgumentError
        If `min_cell` is not a whole number of at least 1, `show_zeros` is not a truth value, `search` is another word,
        `group_share` is not above 0.5 and at most 1, `dominance` holds no pairs (n, k), `p_percent` is not positive,
        zeros are to be hidden below a `min_cell` of 1, or a protection is combined with what belongs to suppression.

    Examples
    --------
    >>> OutputRules().min_cell
    11
    """

    min_cell: int = 11
    show_zeros: bool = True
    group_share: float | None = 0.9
    dominance: tuple[tuple[int, float], ...] = ((2, 0.85),)
    p_percent: float | None = 10.0
    rounding: int = 1
    protection: Protection | None = None
    search: Literal["auto", "optimal", "heuristic"] = "auto"

    def __post_init__(self) -> None:
        if isinstance(self.min_cell, bool) or not isinstance(self.min_cell, int) or self.min_cell < 1:
            raise ArgumentError(f"min_cell must be a whole number of persons, at least 1, got {self.min_cell!r}")
        if not isinstance(self.show_zeros, bool):
            raise ArgumentError(f"show_zeros must be True or False, got {self.show_zeros!r}")
        if self.min_cell == 1 and not self.show_zeros:
            raise ArgumentError("min_cell=1 cannot hide zeros, since '<1' says zero: raise min_cell, or show zeros")
        if self.search not in {"auto", "optimal", "heuristic"}:
            raise ArgumentError(f"search must be 'auto', 'optimal' or 'heuristic', got {self.search!r}")
        if self.group_share is not None and not 0.5 < self.group_share <= 1:
            raise ArgumentError(
                f"group_share must be a share above 0.5 and at most 1, or None, got {self.group_share!r}"
            )
        if any(n < 1 or n != int(n) or not 0 < k < 1 for n, k in self.dominance):
            raise ArgumentError(f"dominance must hold pairs (n, k), n from 1 on and k below 1, got {self.dominance!r}")
        if self.p_percent is not None and not 0 < self.p_percent < float("inf"):
            raise ArgumentError(f"p_percent must be a positive number, or None, got {self.p_percent!r}")
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
