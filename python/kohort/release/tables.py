"""A user's own table of counts at the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kohort.errors import ArgumentError
from kohort.release.cells import read_cells, relations_of, sensitive_lines, sums_of
from kohort.release.cross import TOTAL, levels_of, reluctance
from kohort.release.gate import Exact, protect_table
from kohort.release.rules import OutputRules
from kohort.release.sums import Source, release_sums
from kohort.release.units import release_units

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kohort.release.cross import Key
    from kohort.release.released import Release


def release_table(
    df: Any,
    *,
    dimensions: Sequence[str],
    count: str = "n",
    persons: str | None = None,
    overlap: bool = True,
    value: str | None = None,
    person: str | None = None,
    largest: Sequence[str] = (),
    sensitive: Sequence[str] | Mapping[str, Sequence[str]] = (),
    totals: bool = True,
    rules: OutputRules | None = None,
    title: str | None = None,
) -> Release:
    """Release a table of counts of persons, of counts of stays and the like, or of sums.

    Rows whose label is "Total" are margins; they are checked against the sums, and margins that are missing are added.
    Combinations without a row hold nobody.

    - Counts of persons: `count` names their column.
    - Counts of stays, deliveries, boxes: `count` names their column and `persons` that of the persons behind them. A
      count is shown only where its persons could be.
    - Sums of `value` (costs, doses, days), from a row per contribution: `person` names the column with who made it. The
      contributions of a person to a cell are added up first. The table has the persons (as `count`), the sum, and the
      mean per person.
    - Sums of `value` from a row per cell: `persons` and `largest` name the columns with the contributors of the cell
      and with their largest contributions.

    Parameters
    ----------
    df
        Counts, a row per cell: polars, pandas, pyarrow, a DuckDB relation, the path of a Parquet file, or anything
        with the Arrow PyCapsule interface.
    dimensions
        The columns that name the cells; a missing label reads "(missing)".
    count
        The column with the number of persons behind each cell, or of units (stays, deliveries) where `persons` is
        given; the name of the column of persons in a table of sums from single contributions.
    persons
        The column with the number of persons behind each count of units or each sum.
    overlap
        For counts of units: whether a person may stand behind several cells. If so, persons are not shown, and a
        margin that is not given counts as many as its largest cell. If not, persons add up and are shown.
    value
        The column to add up; zero or positive.
    person
        The column that names the person of each row, with `value`.
    largest
        The columns with the largest contributions of each cell, with `value` and `persons`: two for the default rules.
    sensitive
        The dimensions that are sensitive attributes (a diagnosis), or these with their sensitive levels: no line along
        them is broken down in which one level holds `group_share` or more.
    totals
        Whether margins are shown. If not, only the margins that `df` has are.
    rules
        The thresholds to obey.
    title
        What heads the table.

    Returns
    -------
    Release
        The dimensions and the column of counts; for sums also the sum (`value`) and its mean (`<value>_mean`).

    Raises
    ------
    ArgumentError
        If a column is missing, a count is no whole number of persons, a margin is not the sum of its cells, a
        value is missing, negative or not finite, or the arguments do not go together.

    Notes
    -----
    Counts are protected as `OutputRules.min_cell` demands. Sums are hidden where their persons are, where fewer than
    `min_cell` persons contribute more than zero, and where the (n, k) or the p% rule calls them dominated. Further sums
    are hidden until every sensitive one, X, may be anything from X - U to X + U, where U is the upper protection level
    of these rules (Hundepool et al. 2012, chapter 4). A mean is shown only where its sum and its persons are.
    A reader is taken to know that contributions are not negative, and no upper limit of one.

    References
    ----------
    Hundepool A, Domingo-Ferrer J, Franconi L, Giessing S, Schulte Nordholt E, Spicer K, de Wolf PP. Statistical
    Disclosure Control. Wiley (2012).
    Fischetti M, Salazar-Gonzalez JJ. Solving the cell suppression problem on tabular data with linear constraints.
    Management Science 47 (2001).

    Examples
    --------
    >>> import polars as pl
    >>> df = pl.DataFrame({"sex": ["f", "m", "x"], "n": [120, 340, 3]})
    >>> release_table(df, dimensions=["sex"]).to_polars()["n_status"].to_list()
    ['protective', 'shown', 'small', 'shown']
    """
    rules = rules or OutputRules()
    if value is not None:
        if len(sensitive):
            raise ArgumentError("sensitive= is for tables of persons: release the persons by that attribute instead")
        source = Source(value=value, person=person, persons=persons, largest=tuple(largest))
        return release_sums(df, list(dimensions), source, count=count, totals=totals, rules=rules, title=title)
    if person is not None or largest:
        raise ArgumentError("person= and largest= say who contributes to value=: give value=, or leave them out")
    if persons is not None:
        if len(sensitive):
            raise ArgumentError("sensitive= is for tables of persons: release the persons by that attribute instead")
        columns = (count, persons)
        return release_units(df, list(dimensions), columns, overlap=overlap, totals=totals, rules=rules, title=title)
    given = {key: int(amounts[0]) for key, amounts in read_cells(df, list(dimensions), [count]).items()}
    levels = levels_of(list(dimensions), given)
    sums = sums_of(given, levels)
    exact = Exact(dimensions=tuple(levels), counts=(count,))
    cells: dict[Key, int] = {}
    for key, amount in sums.items():
        if TOTAL not in key or totals or key in given:
            cells[key] = exact.cell(exact.row(key), count, amount, reluctance(key))
    exact.relations = relations_of(levels, cells, () if totals else given)
    exact.sensitive = sensitive_lines(exact.relations, cells, levels, sensitive)
    kind, head = "table", title or f"{count} by {', '.join(levels)}"
    return protect_table(exact, title=head, kind=kind, rules=rules, context=None)
