"""Mondrian: rows made alike in boxes of at least k, each box as fine as its rows allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from kohort import _core
from kohort._frames import open_frame
from kohort.errors import ArgumentError
from kohort.microdata import checks
from kohort.microdata.ranks import Ranked, rank

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Numbers = Literal["interval", "midpoint", "mean"]


@dataclass(frozen=True, slots=True)
class LocalRecoding:
    """A frame made k-anonymous by local recoding; made by `kohort.mondrian`.

    Attributes
    ----------
    frame
        The recoded frame: the same kind, rows and order as the input.
    k
        The k that was asked for.
    boxes
        How many boxes the rows were cut into.
    average_size
        Rows per box.
    loss
        Normalized certainty penalty in [0, 1]: the share of its column's range (or of its values) that a cell now
        covers, on average over the cells of the quasi-identifiers (Xu et al. 2006). 0 is the input, 1 a single box.
    """

    frame: Any
    k: int
    boxes: int
    average_size: float
    loss: float

    def __repr__(self) -> str:
        return (
            f"LocalRecoding: {self.k}-anonymous in {self.boxes:,} boxes of {self.average_size:,.1f} rows on average, "
            f"{self.loss:.1%} of the detail lost"
        )


def mondrian(
    df: Any,
    quasi_identifiers: str | Iterable[str],
    *,
    k: int = 11,
    strict: bool = True,
    person: str | None = None,
    numbers: Numbers = "interval",
    orders: Mapping[str, Sequence[Any]] | None = None,
) -> LocalRecoding:
    """Make a frame k-anonymous by cutting its rows into boxes that are as small as k allows.

    Beginning with all rows, a box is cut at the median of the column in which it is widest (relative to the whole), as
    long as both halves have k rows; then each row gets its box's range in every column.

    Parameters
    ----------
    df
        A frame of any kind that `k_anonymity` takes; it is not changed.
    quasi_identifiers
        The columns to recode: numbers, dates, times, booleans, text or categories. Ordered categories (polars Enum,
        pandas ordered) keep their order. Other text is ordered by how often it occurs, unless `orders` says otherwise.
        A missing value lies before all others.
    k
        The least number of rows (or persons) in a box.
    strict
        Whether equal values must stay together (strict partitioning). Otherwise a box is halved by the number of its
        rows, and rows equal at the cut may get different, overlapping ranges (relaxed partitioning): smaller boxes.
    person
        The column that says whose row it is; a box then has at least k different persons.
    numbers
        What becomes of numbers and dates: "interval", a text such as `[20, 29]`; "midpoint" of the range; or "mean" of
        the box's values (missing ones left out). A column in which every box has one value keeps its type and values.
    orders
        Per column, its values in an order in which neighbors are alike; every value must be listed.

    Returns
    -------
    LocalRecoding
        The frame, and what the recoding cost. Text and categories that differ within a box become a set, `{F, M}`, or
        `*` where it has all values; `or missing` is added where the box has missing cells besides.

    Raises
    ------
    ArgumentError
        If a column is absent, ambiguous, nested, named twice or in two roles, if the frame has fewer than k rows or
        persons, if an order lacks a value, or if `numbers` is none of those.

    Notes
    -----
    K. LeFevre, D. DeWitt, R. Ramakrishnan, "Mondrian multidimensional k-anonymity", ICDE 2006. Finding the best boxes
    is NP-hard; for strict cuts the paper bounds the rows in a box by 2d(k-1)+m, where d is the number of columns and m
    the number of rows equal in all of them. Loss: J. Xu et al., "Utility-based anonymization using local recoding", KDD
    2006.

    Every minimal local recoding is open to *downcoding*: the recoder cuts wherever it can, so that it did not cut tells
    a reader something about the values in a box (A. Cohen, "Attacks on deidentification's defenses", USENIX Security
    2022). Where readers may be hostile prefer one rule for a whole column (`anonymize`).

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> df = pl.DataFrame({"age": [25, 27, 28, 61, 64, 70], "sex": ["F", "M", "F", "F", "F", "M"]})
    >>> safe = kh.mondrian(df, ["age", "sex"], k=3)
    >>> safe.frame["age"].to_list()
    ['[25, 28]', '[25, 28]', '[25, 28]', '[61, 70]', '[61, 70]', '[61, 70]']
    >>> kh.k_anonymity(safe.frame, ["age", "sex"])
    3
    """
    names = checks.names("quasi_identifiers", quasi_identifiers)
    checks.threshold(k)
    if numbers not in ("interval", "midpoint", "mean"):
        raise ArgumentError(f"numbers must be 'interval', 'midpoint' or 'mean', got {numbers!r}")
    frame = open_frame(df).held()
    who = checks.person(frame, person, names)
    checks.columns(frame, names)
    rows = pl.DataFrame(frame.select([*names, *who]))
    checks.some_rows(rows.height)
    columns = [rank(rows[name], (orders or {}).get(name)) for name in names]
    persons = _numbered(rows[who[0]]) if who else None
    if (len(set(persons)) if persons else rows.height) < k:
        what = "persons" if who else "rows"
        raise ArgumentError(
            f"the frame has fewer {what} than the {k} that a box needs: ask for a smaller k, or publish none of it"
        )
    of_row, covers = _core.mondrian(
        pl.DataFrame({str(number): column.ranks for number, column in enumerate(columns)}),
        [column.scale for column in columns],
        int(k),
        bool(strict),
        persons,
    )
    box = pl.DataFrame(of_row)["box"]
    bounds = pl.DataFrame(covers)
    new = {}
    lost = 0.0
    sizes = box.value_counts().sort("box")["count"]
    for number, (name, column) in enumerate(zip(names, columns, strict=True)):
        low, high, missing = (bounds[f"{what}{number}"] for what in ("low", "high", "missing"))
        lost += column.penalty(low, high, missing, sizes)
        new[name] = _recoded(rows[name], column, (low, high, missing), box, numbers)
    return LocalRecoding(
        frame=frame.replace(new),
        k=int(k),
        boxes=bounds.height,
        average_size=rows.height / bounds.height,
        loss=lost / (rows.height * len(names)),
    )


def _numbered(persons: pl.Series) -> list[int]:
    if persons.null_count():
        raise ArgumentError(
            f"column {persons.name!r} does not say for every row which person it is of: leave out the rows where it is "
            "missing, or give them a person"
        )
    return (persons.rank("dense") - 1).to_list()


def _recoded(
    values: pl.Series, column: Ranked, cover: tuple[pl.Series, pl.Series, pl.Series], box: pl.Series, numbers: Numbers
) -> pl.Series:
    low, high, missing = cover
    if (low == high).all() and not (missing & (high > 0)).any():
        return values
    if column.continuous and numbers != "interval":
        if numbers == "mean":
            means = pl.DataFrame({"box": box, "value": values}).select(pl.col("value").mean().over("box"))["value"]
            return means.alias(values.name)
        return column.midpoints(low, high).gather(box).alias(values.name)
    return column.labels(low, high, missing).gather(box).alias(values.name)
