"""Tables of sums: costs, doses, lengths of stay, with the persons who contribute to each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from kohort.errors import ArgumentError
from kohort.release.cells import amounts_of, check_size, columns_of, read_cells, relations_of
from kohort.release.cross import TOTAL, covering, keys_with_margins, levels_of, reluctance
from kohort.release.gate import Contributions, Exact, Magnitude, protect_table
from kohort.release.released import Measure
from kohort.release.rules import OutputRules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kohort.release.cross import Key
    from kohort.release.released import Release

# Beyond it, a float does not hold every whole number, and sums would not be exact.
_LARGEST_SUM = 2**53
# Sums of fractions are shown to the cent.
_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class Source:
    """The columns that say what is added up, and who contributes it."""

    value: str
    person: str | None
    persons: str | None
    largest: tuple[str, ...]


def release_magnitudes(
    df: Any,
    *,
    dimensions: Sequence[str],
    value: str,
    person: str | None = None,
    persons: str | None = None,
    largest: Sequence[str] = (),
    count: str = "n",
    totals: bool = True,
    rules: OutputRules | None = None,
    title: str | None = None,
) -> Release:
    """Release a table of sums over persons, with means: costs, doses, lengths of stay.

    Parameters
    ----------
    df
        Contributions, a row each with its person, or cells with their largest contributions; any frame that
        `release_table` takes.
    dimensions
        The columns that name the cells; a missing label reads "(missing)".
    value
        The column to add up; zero or positive.
    person
        The column that names the person of each row; contributions are added up per person.
    persons
        For cells: the column with the number of persons behind each.
    largest
        For cells: the columns with the largest contributions, in falling order: two for the default rules.
    count
        What the column of persons is called.
    totals
        Whether margins are shown.
    rules
        The thresholds to obey.
    title
        What heads the table.

    Returns
    -------
    Release
        Persons (where each is in one cell), the sum (named as `value`) and its mean (`<value>_mean`).

    Raises
    ------
    ArgumentError
        If a column is missing, a value is missing, negative or not finite, or the arguments do not go together.

    Notes
    -----
    Sums are hidden where their persons are, where fewer than `min_cell` persons contribute more than zero, and where
    the (n, k) or the p% rule calls them dominated. Further sums are hidden until every sensitive one, X, may be anything
    from X - U to X + U, where U is the upper protection level of these rules (Hundepool et al. 2012, chapter 4). A mean
    is shown only where its sum and its persons are. A reader is taken to know that contributions are not negative, and no
    upper limit of one.

    References
    ----------
    Hundepool A, Domingo-Ferrer J, Franconi L, Giessing S, Schulte Nordholt E, Spicer K, de Wolf PP. Statistical
    Disclosure Control. Wiley (2012).

    Examples
    --------
    >>> import polars as pl
    >>> df = pl.DataFrame({"id": range(60), "site": ["a", "b", "b"] * 20, "cost": [100, 200, 250] * 20})
    >>> release_magnitudes(df, dimensions=["site"], value="cost", person="id").to_polars()["cost"].to_list()
    [2000, 9000, 11000]
    """
    rules, dimensions = rules or OutputRules(), list(dimensions)
    source = Source(value, person, persons, tuple(largest))
    if not dimensions:
        raise ArgumentError("a table needs at least one dimension: name the columns that tell its cells apart")
    needed = max([2, *(n for n, _ in rules.dominance)])
    name = source.value
    if source.person is not None:
        if source.persons is not None or source.largest:
            raise ArgumentError("give person= for single contributions, or persons= and largest= for cells, not both")
        amounts, levels, overlap, whole = _from_rows(df, dimensions, name, source.person, needed)
    elif source.persons is not None:
        if len(source.largest) < needed:
            raise ArgumentError(
                f"largest= names {len(source.largest)} columns, but the rules look at the {needed} largest "
                "contributions of a cell: give that many columns, 0 where there are fewer contributors"
            )
        amounts, levels, whole = _from_cells(df, dimensions, source)
        overlap = False
    else:
        raise ArgumentError("value= needs to know who contributes: give person=, or persons= and largest=")
    keys = [key for key in keys_with_margins(levels) if totals or TOTAL not in key]
    exact = Exact(dimensions=tuple(levels), counts=() if overlap else (count,))
    rows = {key: exact.row(key) for key in keys}
    relations = relations_of(levels, rows, ())
    if not overlap:
        for key in keys:
            exact.cell(rows[key], count, amounts[key].persons, reluctance(key))
        exact.relations = list(relations)
    decimals = 0 if whole else _DECIMALS
    exact.magnitudes = [
        Magnitude(
            Measure(name, "magnitude", decimals),
            [amounts[key] for key in keys],
            [reluctance(key) for key in keys],
            relations,
            persons=None if overlap else count,
            mean=None if overlap else Measure(f"{name}_mean", "derived", _DECIMALS),
        )
    ]
    head = title or f"{name} by {', '.join(levels)}"
    return protect_table(exact, title=head, kind="magnitude", rules=rules, context=None)


def _levels(dimensions: list[str], keys: Sequence[Key]) -> dict[str, list[str]]:
    if any(TOTAL in key for key in keys):
        raise ArgumentError(
            f"a row has the label {TOTAL!r}, which names the margins: leave margins out, they are added"
        )
    levels = levels_of(dimensions, keys)
    check_size(levels)
    return levels


def _from_rows(
    df: Any, dimensions: list[str], value: str, person: str, needed: int
) -> tuple[dict[Key, Contributions], dict[str, list[str]], bool, bool]:
    """Return the cells with margins, their levels, whether a person is in several, and whether sums are whole."""
    frame = columns_of(df, dimensions, [value, person])
    if frame[person].null_count():
        raise ArgumentError(f"column {person!r} has missing values: every contribution needs its person")
    column = amounts_of(frame, value)
    whole = column.dtype.is_integer()
    if float(column.cast(pl.Float64).sum()) > _LARGEST_SUM:
        raise ArgumentError(f"column {value!r} adds up to more than 2**53: give it in a larger unit")
    frame = frame.with_columns(column.cast(pl.Int64 if whole else pl.Float64).alias(value))
    # Two columns of the frame may have any name: these are ours.
    frame = frame.select(*dimensions, pl.col(value).alias("\0value"), pl.col(person).alias("\0person"))
    inner = frame.unique(dimensions, maintain_order=True).select(dimensions).rows()
    levels = _levels(dimensions, inner)
    pairs = frame.select(*dimensions, "\0person").unique()
    overlap = pairs["\0person"].n_unique() < len(pairs)
    amounts = dict.fromkeys(keys_with_margins(levels), Contributions(0, 0, 0))
    for kept in covering(tuple(dimensions)):
        # Contributions are added up per person before any cell is looked at.
        margins = [pl.lit(TOTAL).alias(name) for name, axis in zip(dimensions, kept, strict=True) if axis == TOTAL]
        each = frame.with_columns(margins).group_by(*dimensions, "\0person").agg(pl.col("\0value").sum())
        found = each.group_by(dimensions).agg(
            pl.col("\0value").sum().alias("\0sum"),
            pl.len().alias("\0persons"),
            (pl.col("\0value") > 0).sum().alias("\0contributors"),
            pl.col("\0value").top_k(needed).sort(descending=True).alias("\0largest"),
        )
        for *key, total, persons, contributors, largest in found.rows():
            amounts[tuple(key)] = Contributions(total, persons, contributors, tuple(x for x in largest if x > 0))
    return amounts, levels, overlap, whole


def _from_cells(
    df: Any, dimensions: list[str], source: Source
) -> tuple[dict[Key, Contributions], dict[str, list[str]], bool]:
    """Return the cells with margins, their levels, and whether sums are whole; a person is in one cell only."""
    given = read_cells(df, dimensions, [str(source.persons)], [source.value, *source.largest])
    levels = _levels(dimensions, list(given))
    _check(given)
    gathered: dict[Key, list[tuple[float, ...]]] = {key: [] for key in keys_with_margins(levels)}
    for key, numbers in given.items():
        for cover in covering(key):
            gathered[cover].append(numbers)
    amounts = {}
    for key, rows in gathered.items():
        persons, total = sum(int(row[0]) for row in rows), sum(row[1] for row in rows)
        largest = sorted((x for row in rows for x in row[2:] if x > 0), reverse=True)[: len(source.largest)]
        # Those beyond the largest are taken to contribute, if anything is left for them.
        contributors = sum(int(row[0]) if row[1] > sum(row[2:]) else sum(x > 0 for x in row[2:]) for row in rows)
        amounts[key] = Contributions(total, persons, contributors, tuple(largest))
    whole = all(isinstance(row[1], int) for row in given.values())
    return amounts, levels, whole


def _check(given: Mapping[Key, tuple[float, ...]]) -> None:
    for key, (persons, total, *largest) in given.items():
        where = f"the row {' / '.join(key)!r}"
        rest = total - sum(largest)
        if sorted(largest, reverse=True) != largest or rest < -1e-9 * total:
            raise ArgumentError(f"{where} must have its largest contributions in falling order, within its sum")
        if sum(x > 0 for x in largest) > persons or (persons == 0 and total > 0):
            raise ArgumentError(f"{where} has more contributions than persons: correct it")
        if persons <= len(largest) and rest > 1e-9 * total:
            raise ArgumentError(f"{where} has a sum above the contributions of all its persons: correct it")
        if rest > 1e-9 * total and rest > (persons - len(largest)) * largest[-1] * (1 + 1e-9):
            raise ArgumentError(f"{where} has a sum that its largest contributions do not allow: correct it")
