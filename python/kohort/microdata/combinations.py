"""What a few known codes of a person give away: (k,m)-anonymity of set-valued data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kohort import _core
from kohort._frames import open_frame
from kohort.errors import ArgumentError
from kohort.microdata import checks, thresholds

MOST_CODES = 5


@dataclass(frozen=True, slots=True)
class CombinationReport:
    """How many persons share each combination of codes; made by `kohort.km_anonymity`.

    Attributes
    ----------
    k
        The fewest persons who share a combination of up to `m` codes that occurs.
    m
        How many codes of a person someone may know.
    required
        The k that was asked for.
    persons, codes
        How many persons and how many different codes there are.
    offending
        By number of codes from 1: combinations shared by fewer than `required` persons, though each part of them is
        shared by enough. What is done about these is done about all.
    """

    k: int
    m: int
    required: int
    persons: int
    codes: int
    offending: tuple[int, ...]

    @property
    def passes(self) -> bool:
        """Whether at least the required number of persons share every combination."""
        return self.k >= self.required


def km_anonymity(df: Any, person: str, code: str, m: int = 2, *, k: int = 11) -> CombinationReport:
    """Find the k for which the codes of persons are (k,m)-anonymous.

    Whoever knows up to m codes of a person finds at least k persons who have all of them.

    Parameters
    ----------
    df
        Any frame that `kohort.k_anonymity` takes, with a row per person and code; repeated rows count once. Only the
        two columns are read, nothing is changed.
    person
        The column that says whose code it is. Every row must have a person.
    code
        The column of codes. A missing code is none.
    m
        How many codes someone may know, from 1 to 5. All combinations that occur are counted: with n codes per person
        these are up to n to the m per person.
    k
        The number of persons that is required.

    Returns
    -------
    CombinationReport
        The k, and how many combinations are shared by too few.

    Raises
    ------
    ArgumentError
        If a column is absent, ambiguous or nested, if both are the same, if `m` or `k` is out of its range, if the
        frame has no rows, if a row has no person, or if every code is missing.

    Notes
    -----
    M. Terrovitis, N. Mamoulis, P. Kalnis, "Privacy-preserving anonymization of set-valued data", PVLDB 1 (2008).

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> df = pl.DataFrame({"id": [1, 1, 2, 2, 3, 3], "atc": ["A10", "C09", "A10", "C09", "A10", "N02"]})
    >>> report = kh.km_anonymity(df, person="id", code="atc", m=2, k=2)
    >>> report.k, report.offending
    (1, (1, 0))
    """
    thresholds.column("person", person)
    thresholds.column("code", code)
    if person == code:
        raise ArgumentError(f"column {code!r} is named both as person and as code: give it one role")
    most = thresholds.whole("m", m)
    if most > MOST_CODES:
        raise ArgumentError(f"m must be a whole number from 1 to {MOST_CODES}, got {m!r}")
    checks.threshold(k)
    frame = open_frame(df)
    checks.columns(frame, [person, code])
    found, persons, codes, offending = _core.code_combinations(frame.select([person, code]), person, code, most, int(k))
    return CombinationReport(found, most, int(k), persons, codes, tuple(offending))
