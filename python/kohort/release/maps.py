"""Counts by zone at the gate: nested zonings, zonings that cut across each other, and what their differences tell."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import polars as pl

from kohort._frames import open_frame
from kohort.errors import ArgumentError
from kohort.release.cross import TOTAL
from kohort.release.gate import Exact, protect_table
from kohort.release.rules import OutputRules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kohort.release.released import Release

# The whole is missed most, then the zones of a hierarchy from the top; other zonings like the smallest zones.
_TOTAL, _PER_LEVEL = 64.0, 3.0
Piece = tuple[str, ...]


def release_map(
    df: Any,
    *,
    zone: str = "commune",
    count: str = "n",
    hierarchy: Any = (),
    zonings: str | Sequence[str] = (),
    rules: OutputRules | None = None,
    title: str | None = None,
) -> Release:
    """Release counts of persons by zone, of all zonings of one population together.

    Parameters
    ----------
    df
        A row per zone, or per piece of a zone where `zonings` cut across it: polars, pandas, pyarrow, a DuckDB
        relation, the path of a Parquet file, or anything with the Arrow PyCapsule interface.
    zone
        The column with the smallest zones of the hierarchy.
    count
        The column with the number of persons in each row.
    hierarchy
        The columns with the zones above, from the smallest to the largest, such as ``["departement", "region"]``; or a
        hierarchy such as ``kh.hierarchy.french_communes()``.
    zonings
        Columns with other zonings of the same persons that are published too, such as ``["epci"]`` or the cells of a
        grid. Rows must be fine enough to say which persons are in which zone of each.
    rules
        The thresholds to obey.
    title
        What heads the map.

    Returns
    -------
    Release
        A row per zone of each zoning and the total: `zoning`, `zone` and the count. ``.plot()`` ranks the shown zones;
        ``.plot(geometries)`` draws a map of them, from the shapes of zones by name.

    Raises
    ------
    ArgumentError
        If a column is missing, a count is no whole number of persons, a row is there twice, or a zone lies in two zones
        of the level above.

    Notes
    -----
    Two zonings of one population tell what neither shows: a union of communes less the cells of a grid inside it leaves
    the persons of a strip (Costemalle V. Detecting geographical differencing problems in the context of spatial data
    dissemination. Statistical Journal of the IAOS 35 (2019)). Costemalle searches unions of zones for such strips. Here
    every piece, the persons in one zone of each zoning, is a cell that the table implies, and every zone is the sum of
    its pieces; the audit of the table then bounds each piece over all sums and differences of zones at once. A strip of
    fewer than `min_cell` persons consists of pieces that small, each of which the strip would narrow; so zones are
    hidden until no such strip can be worked out.

    Examples
    --------
    >>> import polars as pl
    >>> communes = pl.DataFrame({"commune": ["A", "B", "C"], "departement": ["1", "1", "2"], "n": [120, 4, 80]})
    >>> release_map(communes, hierarchy=["departement"]).to_polars()["n"].to_list()
    [None, None, 80, 124, 80, 204]
    """
    opened = open_frame(df)
    others = [zonings] if isinstance(zonings, str) else list(zonings)
    named = [hierarchy] if isinstance(hierarchy, str) else hierarchy
    columns = list(named) if isinstance(named, (list, tuple)) else []
    wanted = [zone, *columns, *others, count]
    if len(set(wanted)) != len(wanted):
        raise ArgumentError(f"zone, hierarchy, zonings and count must be different columns, got {wanted}")
    missing = [name for name in wanted if name not in opened.columns]
    if missing:
        raise ArgumentError(f"the table has no column {missing[0]!r}: its columns are {opened.columns}")
    frame = pl.DataFrame(opened.select(wanted))
    counts = _counts(frame[count])
    zones = {name: _labels(frame[name]) for name in [zone, *columns, *others]}
    if not isinstance(named, (list, tuple)):
        above = _levels(frame[zone], named)
        zones = {zone: zones[zone], **above, **{name: zones[name] for name in others}}
        columns = list(above)
    chain = [zone, *columns]
    for lower, upper in pairwise(chain):
        _demand_nested(lower, zones[lower], upper, zones[upper])
    pieces: list[Piece] = list(zip(zones[zone], *(zones[name] for name in others), strict=True))
    if len(set(pieces)) != len(pieces):
        twice = next(piece for piece in pieces if pieces.count(piece) > 1)
        raise ArgumentError(f"the row {' / '.join(twice)!r} is there twice: give each zone, or piece of a zone, once")
    exact = _zones(chain, zones, counts, count)
    head = title or f"{count} by {', '.join([*chain, *others])}"
    return protect_table(exact, title=head, kind="map", rules=rules or OutputRules())


def _zones(
    chain: list[str],
    zones: dict[str, list[str]],
    counts: list[int],
    count: str,
) -> Exact:
    """Return the table of all zones: those of the chain as sums of the zones below, all others as sums of pieces."""
    exact = Exact(dimensions=("zoning", "zone"), counts=(count,), quiet=True)
    cells: dict[tuple[str, str], int] = {}
    sums: dict[tuple[str, str], int] = {}
    rows_of: dict[tuple[str, str], list[int]] = {}
    for name, labels in zones.items():
        for row, label in enumerate(labels):
            sums[name, label] = sums.get((name, label), 0) + counts[row]
            rows_of.setdefault((name, label), []).append(row)
    for key, persons in sums.items():
        level = chain.index(key[0]) if key[0] in chain else 0
        cells[key] = exact.cell(exact.row(key), count, persons, _PER_LEVEL**level)
    whole = exact.cell(exact.row((TOTAL, "")), count, sum(counts), _TOTAL)
    base = chain[0]
    # A zone that no other zoning cuts is its own only piece.
    uncut = {rows[0]: cells[key] for key, rows in rows_of.items() if key[0] == base and len(rows) == 1}
    piece = [uncut[row] if row in uncut else exact.imply(counts[row]) for row in range(len(counts))]
    for key, rows in rows_of.items():
        if key[0] == base:
            if len(rows) > 1:
                exact.relate(cells[key], [piece[row] for row in rows])
        elif key[0] in chain:
            below = chain[chain.index(key[0]) - 1]
            exact.relate(
                cells[key], [cells[below, label] for label in dict.fromkeys(zones[below][row] for row in rows)]
            )
        else:
            exact.relate(cells[key], [piece[row] for row in rows])
    for name in [chain[-1], *(name for name in zones if name not in chain)]:
        exact.relate(whole, [cell for key, cell in cells.items() if key[0] == name])
    return exact


def _counts(column: pl.Series) -> list[int]:
    if column.dtype.is_float() and (column.is_null() | (column.is_finite() & (column == column.round()))).all():
        column = column.cast(pl.Int64)
    if not column.dtype.is_integer() or column.null_count() or (column < 0).any():
        raise ArgumentError(
            f"column {column.name!r} must hold whole numbers of persons from 0 on, without missing values"
        )
    if not len(column):
        raise ArgumentError("the table has no rows: there is no zone to release")
    return column.to_list()


def _labels(column: pl.Series) -> list[str]:
    return column.cast(pl.String).fill_null("(missing)").to_list()


def _levels(column: pl.Series, hierarchy: Any) -> dict[str, list[str]]:
    """Return the zones above by the levels of a hierarchy, without the one that has everybody."""
    if not hasattr(hierarchy, "levels"):
        raise ArgumentError(f"hierarchy is {type(hierarchy).__name__}: name columns, or give one of kh.hierarchy")
    levels = hierarchy.levels(column.unique(maintain_order=True))
    first, *above = levels.columns
    places = dict(zip(levels[first].to_list(), levels.select(above).rows(), strict=True))
    found = {
        f"{column.name} level {j + 1}": [str(places[value][j]) for value in column.to_list()] for j in range(len(above))
    }
    return {name: labels for name, labels in found.items() if set(labels) != {"*"}}


def _demand_nested(lower: str, zones: list[str], upper: str, parents: list[str]) -> None:
    parent: dict[str, str] = {}
    for label, above in zip(zones, parents, strict=True):
        if parent.setdefault(label, above) != above:
            raise ArgumentError(
                f"{lower} {label!r} lies in two zones of {upper!r}: name {upper!r} in zonings= if it cuts across"
            )
