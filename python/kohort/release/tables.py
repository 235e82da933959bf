"""A user's own table of counts at the gate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kohort.errors import ArgumentError
from kohort.release.frames import (
    counted,
    dimensions_of,
    distinct,
    key_sets,
    overlapping,
    persons_by,
    sensitive_levels,
    summed,
)
from kohort.release.gate import Exact, protect_table
from kohort.release.layout import Layout
from kohort.release.rules import OutputRules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kohort.release.cross import Key
    from kohort.release.gate import People
    from kohort.release.released import Release


def release_table(
    df: Any,
    *,
    dimensions: Sequence[str],
    count: str = "n",
    person: str | None = None,
    hierarchies: Mapping[str, Any] | None = None,
    sensitive: Sequence[str] | Mapping[str, Sequence[str]] = (),
    totals: bool = True,
    keys: str | None = None,
    linked: Sequence[Release] = (),
    rules: OutputRules | None = None,
    title: str | None = None,
) -> Release:
    """Release a table of counts of persons.

    Rows whose label is "Total", or names a group of a hierarchy, are margins; they are checked against the sums, and
    margins that are missing are added. Combinations without a row hold nobody.

    Parameters
    ----------
    df
        Counts, a row per cell, or records of persons: polars, pandas, pyarrow, a DuckDB relation, the path of a Parquet
        file, or anything with the Arrow PyCapsule interface.
    dimensions
        The columns that name the cells; a missing label reads "(missing)".
    count
        The column with the number of persons behind each cell; with `person`, what the counts are called.
    person
        Where `df` holds records: the column that says whose each record is. Each person counts once in every cell and
        margin that one of their records falls into, so a margin may be less than the sum of its cells.
    hierarchies
        For a dimension the groups that get rows of their own: a hierarchy of `kohort.hierarchy`, a frame or mapping for
        `kohort.hierarchy.from_table`, or a list of several, which may overlap (counties beside hospital districts).
    sensitive
        The dimensions that are sensitive attributes (a diagnosis), or these with their sensitive levels: no line along
        them is broken down in which one level holds `group_share` or more.
    totals
        Whether margins are shown. If not, only the margins that `df` has are.
    keys
        The column with the key of each cell's set of persons, for rules with `CellKeys`: see `keys_of_persons`.
    linked
        Earlier releases of the same persons, protected by suppression. A cell of theirs (equal labels, totals left
        out) is shown here if it is shown there, and hidden if it is hidden there; all relations are audited together.
    rules
        The thresholds to obey.
    title
        What heads the table.

    Returns
    -------
    Release
        The dimensions and the column of counts. Rows of a hierarchy stand before the rows of what they hold.

    Raises
    ------
    ArgumentError
        If a column is missing, a count is no whole number of persons, a margin is not the sum of its cells, a label is
        in no hierarchy, groups of different labels have one name, or earlier releases do not fit the table.
    DisclosureError
        If what was released before leaves no protection for this table.

    Notes
    -----
    Every sum that a reader can write down is part of the protection: each margin along each dimension, each group of
    each hierarchy, and with them whatever overlapping hierarchies tell together. Groups of the same labels hold the
    same persons and are one cell with several rows.

    Where a person may have several labels of a dimension, a margin is the size of a union. What a reader knows then is
    that it is no smaller than any part, and no larger than their sum; the persons of a margin outside a part,
    and the excess of the sum, are counts that must not be small either, and are protected as cells that are not shown.

    An earlier `Release` does not hold the counts it hides, and they are not needed: what a reader can work out depends
    on shown counts, statuses and relations alone, and is the same for every table that fits them. Hidden counts that
    the new table does not have are replaced by some that fit (found by integer programming), and the result is
    attacked as a reader would, before it is returned.

    References
    ----------
    Fischetti M, Salazar-Gonzalez JJ. Solving the cell suppression problem on tabular data with linear constraints.
    Management Science 47 (2001).

    Examples
    --------
    >>> import polars as pl
    >>> df = pl.DataFrame({"sex": ["f", "m", "x"], "n": [120, 340, 3]})
    >>> release_table(df, dimensions=["sex"]).to_polars()["n_status"].to_list()
    ['protective', 'shown', 'small', 'shown']
    >>> df = pl.DataFrame({"ward": ["A1", "A2", "B1"], "n": [120, 340, 30]})
    >>> site = {"A1": "site A", "A2": "site A", "B1": "site B"}
    >>> release_table(df, dimensions=["ward"], hierarchies={"ward": site}).to_polars()["ward"].to_list()
    ['site A', 'A1', 'A2', 'site B', 'B1', 'Total']
    """
    rules = rules or OutputRules()
    if len(sensitive) and (linked or rules.protection is not None):
        raise ArgumentError("sensitive= hides further cells: give it without linked= and without a protection")
    source = Source(dimensions, count, person, hierarchies, keys, sensitive)
    exact = table_of(df, source, totals=totals)
    head = title or f"{count} by {', '.join(dimensions)}"
    exact.earlier = tuple(linked)
    used = (rules, *(old.rules for old in exact.earlier))
    if exact.earlier and any(each.rounding > 1 or each.protection is not None for each in used):
        raise ArgumentError("linked= needs exact counts: earlier releases are continued by suppression alone")
    release = protect_table(exact, title=head, kind="table", rules=rules, context=None)
    if exact.earlier:
        from kohort.release.continuation import check_against  # noqa: PLC0415 - it imports scipy

        check_against(release, exact.earlier)
    return release


@dataclass(frozen=True, slots=True)
class Source:
    """How a frame is read; the fields are arguments of `release_table`."""

    dimensions: Sequence[str]
    count: str = "n"
    person: str | None = None
    hierarchies: Mapping[str, Any] | None = None
    keys: str | None = None
    sensitive: Sequence[str] | Mapping[str, Sequence[str]] = ()


def table_of(df: Any, source: Source, *, totals: bool = True) -> Exact:
    """Read a frame and return its exact table."""
    dimensions, count, person = source.dimensions, source.count, source.person
    given: dict[Key, int] = {}
    sets: dict[Key, People] = {}
    if person is None:
        frame, given = counted(df, dimensions, count)
        layout = Layout(dimensions_of(frame, dimensions, source.hierarchies))
        sums, loose = summed(given, layout), [False] * len(dimensions)
        if source.keys is not None:
            sets = key_sets(df, dimensions, source.keys, layout)
    else:
        if count in dimensions:
            raise ArgumentError(f"the counts cannot be called {count!r} like a dimension: name them by count=")
        if source.keys is not None:
            raise ArgumentError("keys= is for tables of counts: make the counts and their keys with keys_of_persons")
        frame = persons_by(df, dimensions, person)
        layout = Layout(dimensions_of(frame, dimensions, source.hierarchies))
        sums = distinct(frame, dimensions, person, layout)
        loose = overlapping(frame, dimensions, person)
    wanted = sensitive_levels(source.sensitive, layout)
    shown = [key for key in layout.rows() if totals or key in given or layout.is_inner(key)]
    return _exact(Cross(layout, sums, sets, loose, wanted), shown, given, count, totals=totals)


@dataclass(frozen=True, slots=True)
class Cross:
    """The cells of a layout: persons and their sets by key, and along which dimensions margins are unions."""

    layout: Layout
    sums: Mapping[Key, int]
    sets: Mapping[Key, People]
    loose: Sequence[bool]
    # The sensitive levels of the axes that have some.
    sensitive: Mapping[int, frozenset[str]]


def _exact(cross: Cross, shown: Sequence[Key], given: Mapping[Key, int], count: str, *, totals: bool) -> Exact:
    """Return the cells with the sums that a reader knows."""
    layout = cross.layout
    exact = Exact(dimensions=tuple(dimension.name for dimension in layout.dimensions), counts=(count,))
    cells: dict[Key, int] = {}
    for key in shown:
        row, same = exact.row(key, layout.levels(key)), layout.canonical(key)
        if same in cells:
            exact.repeat(row, count, cells[same])
        else:
            people = cross.sets.get(same)
            cells[same] = exact.cell(row, count, cross.sums[same], layout.reluctance(same), people=people)
    _relate_lines(exact, cross, cells)
    if totals and not any(cross.loose):
        exact.product = layout.product(cells)
    if not totals:
        _relate_to_inner(exact, cells, given, layout, loose=any(cross.loose))
        if not any(cross.loose):
            exact.exclusive.append(tuple(cells[key] for key in map(layout.canonical, shown) if layout.is_inner(key)))
    return exact


def _relate_lines(exact: Exact, cross: Cross, cells: Mapping[Key, int]) -> None:
    """State the sums along each line that is there, and which of them are of sensitive attributes."""
    for axis, total, parts in cross.layout.lines():
        if total in cells and all(part in cells for part in parts):
            first = len(exact.relations)
            _relate(exact, cells[total], [cells[part] for part in parts], loose=cross.loose[axis])
            if axis in cross.sensitive:
                among = {cells[part] for part in parts if part[axis] in cross.sensitive[axis]}
                lines = exact.relations[first:] if cross.loose[axis] else exact.relations[first : first + 1]
                for line, (whole, members) in enumerate(lines, start=first):
                    found = tuple(cell for cell in members if cell in among)
                    if whole == cells[total] and found:
                        exact.sensitive.append((line, found))


def _relate(exact: Exact, total: int, parts: Sequence[int], *, loose: bool) -> None:
    """State that a cell is the sum of others, or no more than a union of them."""
    if not loose:
        exact.relate(total, parts)
        return
    persons = exact.persons
    for part in parts:
        exact.relate(total, (part, exact.imply(persons[total] - persons[part])))
    together = sum(persons[part] for part in parts)
    whole = exact.imply(together)
    exact.relate(whole, parts, disjoint=False)
    exact.relate(whole, (total, exact.imply(together - persons[total])))


def _relate_to_inner(
    exact: Exact, cells: Mapping[Key, int], given: Mapping[Key, int], layout: Layout, *, loose: bool
) -> None:
    """State each margin as the sum of the leaf cells below it: intermediate margins may be absent."""
    for total in given:
        if not layout.is_inner(total):
            below = sorted({cells[key] for key in layout.leaves_of(total)})
            if below != [cells[layout.canonical(total)]]:
                _relate(exact, cells[layout.canonical(total)], below, loose=loose)
