"""Cell suppression: few single cells blanked, so that every row agrees with enough others."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import polars as pl

from kohort import _core
from kohort._frames import open_frame
from kohort.errors import ArgumentError
from kohort.microdata import checks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class CellSuppression:
    """A frame with some cells blanked; made by `kohort.suppress_cells`.

    Attributes
    ----------
    frame
        The frame: the same kind, rows and order as the input.
    k
        The least number of rows that each row now agrees with.
    suppressed
        Per quasi-identifier, how many cells were blanked.
    share
        Share of the cells of the quasi-identifiers, in [0, 1], that were blanked.
    """

    frame: Any
    k: int
    suppressed: Mapping[str, int]
    share: float

    def __repr__(self) -> str:
        cells = ", ".join(f"{name} {count:,}" for name, count in self.suppressed.items())
        return f"CellSuppression: each row agrees with {self.k} rows or more; cells blanked: {cells} ({self.share:.2%})"


def suppress_cells(
    df: Any,
    quasi_identifiers: str | Iterable[str],
    *,
    k: int = 11,
    importance: Iterable[str] | None = None,
) -> CellSuppression:
    """Blank few cells so that every row agrees with at least k rows wherever both are known.

    Parameters
    ----------
    df
        A frame of any kind that `k_anonymity` takes; it is not changed.
    quasi_identifiers
        The columns in which cells may be blanked.
    k
        How many rows each row must agree with, itself among them, a missing value matching every value.
    importance
        The quasi-identifiers from the one to keep to the one to give up first. By default columns with more values are
        given up before those with fewer.

    Returns
    -------
    CellSuppression
        The frame, whose k under `nulls="any"` was checked to be at least k, and how many cells were blanked.

    Raises
    ------
    ArgumentError
        If a column is absent, ambiguous, nested or named twice, if `importance` is not the same columns, or if the
        frame has fewer than k rows.

    Notes
    -----
    A heuristic of the kind of sdcMicro's `localSuppression` (M. Templ, A. Kowarik, B. Meindl, Journal of Statistical
    Software 67, 2015); the fewest cells are NP-hard to find (A. Meyerson, R. Williams, "On the complexity of optimal
    k-anonymity", PODS 2004). The protection rests on a reader who cannot tell what a blank was; one who counts missing
    as a value of its own finds smaller classes (see `k_anonymity`).

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> df = pl.DataFrame({"sex": ["F", "F", "M"], "age": [30, 30, 30]})
    >>> kh.suppress_cells(df, ["sex", "age"], k=2).frame["sex"].to_list()
    ['F', 'F', None]
    """
    names = checks.names("quasi_identifiers", quasi_identifiers)
    checks.threshold(k)
    frame = open_frame(df).held()
    checks.columns(frame, names)
    rows = pl.DataFrame(frame.select(names))
    checks.some_rows(rows.height)
    if rows.height < k:
        raise ArgumentError(f"the frame has fewer rows than the {k} that each row must agree with: ask for a smaller k")
    cells = pl.DataFrame(_core.suppress_cells(rows, names, _reluctance(rows, names, importance), int(k)))
    blanked = rows.select(pl.when(cells[name].not_()).then(rows[name]).alias(name) for name in names)
    reached = _core.collapse(blanked, names, [], None, "any").sizes()[0][0]
    if reached < k:
        raise RuntimeError("cell suppression ended before every row had its company: please report it")
    count = {name: int(cells[name].sum()) for name in names}
    return CellSuppression(
        frame=frame.replace({name: blanked[name] for name in names if count[name]}),
        k=reached,
        suppressed=MappingProxyType(count),
        share=sum(count.values()) / (rows.height * len(names)),
    )


def _reluctance(rows: pl.DataFrame, names: list[str], importance: Iterable[str] | None) -> list[int]:
    if importance is None:
        fewest = sorted(names, key=lambda name: (rows[name].n_unique(), names.index(name)))
    else:
        fewest = checks.names("importance", importance)
        if sorted(fewest) != sorted(names):
            raise ArgumentError("importance must list the same columns as quasi_identifiers, the one to keep first")
    return [len(names) - 1 - fewest.index(name) for name in names]
