"""What an output must satisfy before it may leave."""

from __future__ import annotations

from dataclasses import dataclass

from kohort.errors import ArgumentError


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
        more; None switches the rule off.
    dominance
        The (n, k) rules for magnitudes: a sum is hidden where its n largest contributors hold more than the share k.
        (2, 0.85) is the rule of the Deutsche Bundesbank's research data center; ACRO has (2, 0.9), Insee (1, 0.85).
    p_percent
        The p% rule for magnitudes: a sum is hidden where its second largest contributor could estimate the largest
        to within p percent; a (p, q) rule is `p_percent=100 * p / q`; None switches the rule off.

    Raises
    ------
    ArgumentError
        If `min_cell` is not a whole number of at least 1, `show_zeros` is not a truth value, `group_share` is not
        above 0.5 and at most 1, `dominance` holds no pairs (n, k), `p_percent` is not positive, or zeros are to be
        hidden below a `min_cell` of 1.

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

    def __post_init__(self) -> None:
        if isinstance(self.min_cell, bool) or not isinstance(self.min_cell, int) or self.min_cell < 1:
            raise ArgumentError(f"min_cell must be a whole number of persons, at least 1, got {self.min_cell!r}")
        if not isinstance(self.show_zeros, bool):
            raise ArgumentError(f"show_zeros must be True or False, got {self.show_zeros!r}")
        if self.min_cell == 1 and not self.show_zeros:
            raise ArgumentError("min_cell=1 cannot hide zeros, since '<1' says zero: raise min_cell, or show zeros")

        if self.group_share is not None and not 0.5 < self.group_share <= 1:
            raise ArgumentError(
                f"group_share must be a share above 0.5 and at most 1, or None, got {self.group_share!r}"
            )
        if any(n < 1 or n != int(n) or not 0 < k < 1 for n, k in self.dominance):
            raise ArgumentError(f"dominance must hold pairs (n, k), n from 1 on and k below 1, got {self.dominance!r}")
        if self.p_percent is not None and not 0 < self.p_percent < float("inf"):
            raise ArgumentError(f"p_percent must be a positive number, or None, got {self.p_percent!r}")

    def __str__(self) -> str:
        zeros = "zeros shown" if self.show_zeros else "zeros hidden"
        return f"counts below {self.min_cell} hidden, with what would tell them; {zeros}"
