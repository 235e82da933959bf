"""Special uniques: rows that few columns suffice to single out, and the columns that do it."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import comb
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import polars as pl

from kohort import _core
from kohort._frames import open_frame
from kohort._progress import progress_bar
from kohort.display import bars, card, facts, note
from kohort.errors import ArgumentError
from kohort.microdata import checks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kohort._frames import Frame

#: A set of columns is 64 bits in the core.
MOST_COLUMNS = 64
#: More column sets than this are not searched in any time that somebody waits.
MOST_SETS = 10_000_000


@dataclass(frozen=True, slots=True)
class SpecialUniques:
    """Rows that few columns single out; made by `kohort.suda`.

    Attributes
    ----------
    quasi_identifiers
        The columns that were searched.
    max_size
        Sets of so many columns, and fewer, were searched.
    share
        The share of the rows, in [0, 1], that some of these sets single out.
    unique_share
        The share of the rows that all columns together single out.
    dis
        The share of the sample's uniques that are expected to be unique in the population (Skinner and Elliot 2002).
    contributions
        A polars frame: `column`, and its `contribution`, the share of all scores, in [0, 1], that come from sets with
        the column. A set of several columns counts for each of them.
    """

    quasi_identifiers: tuple[str, ...]
    max_size: int
    share: float
    unique_share: float
    dis: float
    contributions: pl.DataFrame = field(compare=False)
    _records: pl.DataFrame = field(repr=False, compare=False)
    _frame: Frame = field(repr=False, compare=False)

    def records(self) -> Any:
        """Scores of each row.

        Returns
        -------
        frame
            A frame of the same kind as the input, its rows in the input's order, with the columns `suda_score`,
            `dis_suda` (the probability that the row is the right one of a person who matches it), `minimal_uniques`
            (how many minimal sets single the row out) and `smallest` (columns of the smallest of them, or missing).

        Examples
        --------
        >>> import kohort as kh, polars as pl
        >>> df = pl.DataFrame({"a": [2, 1, 1], "b": [0, 3, 0], "c": [0, 6, 0]})
        >>> kh.suda(df, ["a", "b", "c"]).records()["minimal_uniques"].to_list()
        [1, 2, 2]
        """
        return self._frame.like(self._records)

    def __repr__(self) -> str:
        text = (
            f"SpecialUniques: {self.share:.1%} of rows are singled out by {self.max_size} columns or fewer of "
            f"{len(self.quasi_identifiers)} ({self.unique_share:.1%} by all)"
        )
        worst = sorted(self.contributions.rows(), key=lambda row: -row[1])[:3]
        named = ", ".join(f"{name} {share:.0%}" for name, share in worst if share)
        return f"{text}; share of the scores: {named}" if named else text

    def _repr_html_(self) -> str:
        columns = sorted(self.contributions.rows(), key=lambda row: -row[1])
        return card(
            f"Special uniques by {', '.join(self.quasi_identifiers)}",
            facts(
                {
                    f"rows that {self.max_size} columns or fewer single out": f"{self.share:.1%}",
                    "rows that all columns single out": f"{self.unique_share:.1%}",
                    "of these expected to be unique in the population": f"{self.dis:.1%}",
                }
            ),
            bars((name, share, f"in {share:.0%} of the scores", "plain") for name, share in columns),
            note("A row is singled out by a set of columns if no other row shares its values in them (SUDA2)."),
        )


def suda(
    df: Any,
    quasi_identifiers: str | Iterable[str],
    max_size: int = 3,
    *,
    sampling_fraction: float = 0.01,
    progress: bool = True,
) -> SpecialUniques:
    """Find the special uniques of a frame: rows that few columns suffice to single out.

    A minimal sample unique (MSU) of a row is a set of columns by which the row is unique, and by no part of the set.
    Rows with many and small MSUs are the easiest to recognize, and the likeliest to be unique in the population, too.

    Parameters
    ----------
    df
        A frame of any kind that `kohort.k_anonymity` takes. A missing value is a value of its own.
    quasi_identifiers
        The columns that someone outside may know of a person, up to 64; a single name may come as a string.
    max_size
        The largest sets of columns that are searched.
    sampling_fraction
        The share of the population that the frame holds, in (0, 1), for the DIS-SUDA score.
    progress
        Show progress when it takes more than a second.

    Returns
    -------
    SpecialUniques
        Scores of the rows in ``.records()``, and ``.contributions`` of the columns.

    Raises
    ------
    ArgumentError
        If a column is absent, ambiguous, nested or named twice, if there are more than 64 or more than ten million
        sets of them, if `max_size` is no whole number from 1, if `sampling_fraction` is out of range, or if the frame
        has no rows.

    Notes
    -----
    - Search: M. Elliot, A. Manning, R. Ford, "A computational algorithm for handling the special uniques problem",
      International Journal of Uncertainty, Fuzziness and Knowledge-Based Systems 10 (2002); A. Manning, D. Haglin,
      J. Keane, "A recursive search algorithm for statistical disclosure assessment", Data Mining and Knowledge
      Discovery 16 (2008).
    - Score: the sum over the row's MSUs of the product of (columns - i) for i from the size of the MSU to `max_size`,
      as Elliot et al. have it; the factor 0 of i = columns is left out. sdcMicro always searches all sizes: with
      `max_size` at the number of columns scores are its `original_scores`.
    - DIS-SUDA: C. Skinner and M. Elliot, "A measure of disclosure risk for microdata", JRSS B 64 (2002), gives the
      share of uniques that are unique in the population, U f / (U f + P (1 - f)) with U unique rows, P rows in classes
      of two and the sampling fraction f. It is spread over the rows by their scores as sdcMicro's implementation does,
      with the exponent 1 + (8 - columns) / 20, which is not let below 0.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> df = pl.DataFrame({"a": [2, 1, 1], "b": [0, 3, 0], "c": [0, 6, 0]})
    >>> found = kh.suda(df, ["a", "b", "c"])
    >>> found.records()["suda_score"].to_list()
    [2.0, 4.0, 2.0]
    >>> found.contributions.rows()
    [('a', 0.5), ('b', 0.375), ('c', 0.375)]
    """
    names = checks.names("quasi_identifiers", quasi_identifiers)
    most = _size(max_size)
    if not (isinstance(sampling_fraction, Real) and 0 < sampling_fraction < 1):
        raise ArgumentError(f"sampling_fraction must be in (0, 1), got {sampling_fraction!r}")
    if len(names) > MOST_COLUMNS:
        raise ArgumentError(f"special uniques are searched in {MOST_COLUMNS} columns at most, got {len(names)}")
    many = sum(comb(len(names), size) for size in range(1, most + 1))
    if many > MOST_SETS:
        raise ArgumentError(f"{len(names)} columns have {many:,} sets of up to {most}: give a smaller max_size")
    frame = open_frame(df)
    checks.columns(frame, names)
    with progress_bar("special uniques", show=progress) as callback:
        table, by_column, uniques, paired = _core.special_uniques(frame.select(names), names, most, callback)
    records = pl.DataFrame(table)
    checks.some_rows(records.height)
    total = float(records["suda_score"].sum())
    rates = [part / total if total else 0.0 for part in by_column]
    scored = records["suda_score"] > 0
    dis = _dis(uniques, paired, float(sampling_fraction))
    spread = _spread(records["suda_score"], uniques, dis, len(names))
    return SpecialUniques(
        quasi_identifiers=tuple(names),
        max_size=min(most, len(names)),
        share=float(scored.sum()) / records.height,
        unique_share=uniques / records.height,
        dis=dis,
        contributions=pl.DataFrame({"column": names, "contribution": rates}),
        _records=records.insert_column(1, spread.alias("dis_suda")),
        _frame=frame,
    )


def _dis(uniques: int, paired: int, fraction: float) -> float:
    """Estimate which share of the sample's uniques is unique in the population."""
    found = uniques * fraction
    return found / (found + paired * (1 - fraction)) if uniques else 0.0


def _spread(scores: pl.Series, uniques: int, dis: float, columns: int) -> pl.Series:
    """Spread that share over the rows by their scores."""
    scored = scores.filter(scores > 0)
    if scored.is_empty() or dis == 0:
        return pl.zeros(scores.len(), eager=True)
    exponent = max(0.0, 1 + (8 - columns) / 20)
    weight = float((1 / scored**exponent).sum())
    odds = (uniques / dis - uniques) / (scores**exponent * weight)
    return pl.select(pl.when(scores > 0).then(1 / (1 + odds)).otherwise(0.0)).to_series()


def _size(value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, Integral) or not 1 <= int(value) <= MOST_COLUMNS:
        raise ArgumentError(f"max_size must be a whole number of columns from 1 to {MOST_COLUMNS}, got {value!r}")
    return int(value)
