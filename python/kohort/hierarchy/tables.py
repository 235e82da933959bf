"""Hierarchies that are written out: a table of leaves and levels, or ARX's CSV form."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl

from kohort._frames import open_frame
from kohort.errors import ArgumentError
from kohort.hierarchy import checks
from kohort.hierarchy.base import Hierarchy
from kohort.hierarchy.conversion import as_dtype

if TYPE_CHECKING:
    from pathlib import Path

    from kohort._frames import Stream

#: The types that a saved table has; others are written as text, which is read as the column's type when it is used.
SAVED = {"String": pl.String, "Int64": pl.Int64, "Float64": pl.Float64, "Boolean": pl.Boolean, "Date": pl.Date}


@dataclass(frozen=True, repr=False, eq=False)
class Table(Hierarchy):
    """A hierarchy that is written out; made by `from_table`, `from_csv` and `order`."""

    kind: ClassVar[str] = "table"

    table: pl.DataFrame = field(repr=False)
    names: tuple[str, ...]
    top: bool = True

    def __post_init__(self) -> None:
        name = "the table"
        if self.table.width < 1 or self.table.height < 1:
            raise ArgumentError(
                "the hierarchy is empty: give at least one row, with the leaf first and then its value at each level"
            )
        table = self.table.rename(dict(zip(self.table.columns, map(str, range(self.table.width)), strict=True)))
        table = table.with_columns(_saved_type(column) for column in table)
        checks.no_nulls(table, name)
        table = checks.one_row_per_leaf(table, name)
        checks.monotone(table, name)
        object.__setattr__(self, "table", table)

    @property
    def has_top(self) -> bool:
        """Whether a last level "*" is added: if asked for, and the table does not end in a single value."""
        last = self.table[self.table.columns[-1]]
        return self.top and (self.table.width == 1 or last.n_unique() > 1)

    def _generalize(self, leaves: pl.Series) -> pl.DataFrame:
        if leaves.dtype == self.table["0"].dtype:
            return self.table
        typed = self.table.with_columns(as_dtype(self.table["0"], leaves.dtype, "the hierarchy's table"))
        # Texts such as "7" and "07" may be one number.
        return checks.one_row_per_leaf(typed, "the table")

    def _own_leaves(self) -> pl.Series:
        return self.table["0"]

    def _examples(self) -> pl.Series:
        return self.table["0"].head(6)

    def describe(self, level: int) -> str:
        """Give the name of the table's column."""
        return self.names[level] if level < len(self.names) else super().describe(level)

    def __repr__(self) -> str:
        sizes = " > ".join(f"{self.table[column].n_unique():,}" for column in self.table.columns)
        return f"hierarchy.from_table({self.table.height:,} leaves, values by level {sizes})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Table):
            return NotImplemented
        return (self.names, self.top) == (other.names, other.top) and self.table.equals(other.table)

    def __hash__(self) -> int:
        return hash((self.names, self.top, self.table.height))

    def _arguments(self) -> dict[str, Any]:
        texts = self.table.with_columns(pl.col(pl.Date).cast(pl.String))
        return {
            "names": list(self.names),
            "types": [str(dtype) for dtype in self.table.dtypes],
            "columns": [column.to_list() for column in texts],
            "top": self.top,
        }

    @classmethod
    def _from_arguments(cls, arguments: dict[str, Any]) -> Table:
        types, columns = arguments["types"], arguments["columns"]
        series = [
            pl.Series(str(level), values, dtype=pl.String).str.to_date("%Y-%m-%d")
            if kind == "Date"
            else pl.Series(str(level), values, dtype=SAVED[kind])
            for level, (kind, values) in enumerate(zip(types, columns, strict=True))
        ]
        return cls(pl.DataFrame(series), tuple(arguments["names"]), top=arguments["top"])


def _saved_type(column: pl.Series) -> pl.Series:
    if column.dtype.is_nested() or column.dtype in (pl.Object, pl.Binary, pl.Duration, pl.Time):
        raise ArgumentError(f"the table has a column of type {column.dtype}: its values must be plain, such as text")
    if column.dtype.is_integer():
        whole = column.cast(pl.Int64, strict=False)
        return column.cast(pl.String) if whole.null_count() > column.null_count() else whole
    if column.dtype.is_float():
        return column.cast(pl.Float64)
    return column if column.dtype in (pl.Boolean, pl.Date) else column.cast(pl.String)


def from_table(table: Any, *, top: bool = True) -> Hierarchy:
    """Take a hierarchy from a table of leaves and what they become.

    Parameters
    ----------
    table
        A frame of any library, its first column the leaf and each further one a level; or a mapping from each leaf to
        the list of its values, level by level (a single text is one level).
    top
        Whether to end in the single value "*"; nothing is added where the last level is a single value already.

    Returns
    -------
    Hierarchy
        A hierarchy whose leaves are those of the table. They are compared with a column in the column's type: the text
        "39" is the number 39 there.

    Raises
    ------
    ArgumentError
        If the table is empty, ragged or has a missing cell, if a leaf has two paths, or if the table is not monotone.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> sector = kh.hierarchy.from_table({"nurse": ["care"], "cleaner": ["services"], "doctor": "care"})
    >>> sector.levels(pl.Series(["nurse"])).rows()
    [('nurse', 'care', '*'), ('cleaner', 'services', '*'), ('doctor', 'care', '*')]
    >>> frame = pl.DataFrame({"job": ["nurse", "cleaner"], "sector": ["care", "services"]})
    >>> kh.hierarchy.from_table(frame)
    hierarchy.from_table(2 leaves, values by level 2 > 2)
    """
    if isinstance(table, Mapping):
        rows = []
        for leaf, path in table.items():
            if not isinstance(path, Sequence):
                raise ArgumentError(f"the values of {leaf!r} must be a list, one for each level, got {path!r}")
            rows.append((leaf, path) if isinstance(path, str) else (leaf, *path))
        return from_rows(rows, "the mapping", top=top)
    if isinstance(table, str):
        raise ArgumentError("from_table takes a frame or a mapping: read a file with from_csv")
    frame = open_frame(table)
    names = frame.columns
    if not names:
        raise ArgumentError("the hierarchy is empty: give a column of leaves, and one for each level")
    stream: Stream = frame.select(names)
    return Table(pl.DataFrame(stream), tuple(map(str, names)), top=top)


def from_rows(rows: Sequence[Sequence[Any]], name: str, *, top: bool) -> Hierarchy:
    """Make a table of rows; refuse ragged ones."""
    width = len(rows[0]) if rows else 0
    for row in rows:
        if len(row) != width:
            raise ArgumentError(
                f"{name} is ragged: {rows[0][0]!r} has {width - 1} levels and {row[0]!r} has {len(row) - 1}; "
                "repeat the last value where a branch is shorter"
            )
    try:
        table = pl.DataFrame([pl.Series(str(level), values) for level, values in enumerate(zip(*rows, strict=True))])
    except (TypeError, pl.exceptions.PolarsError):
        raise ArgumentError(f"{name} has values of several types at one level: write them all as text") from None
    return Table(table, ("value", *(f"level {level}" for level in range(1, width))), top=top)


def from_csv(path: str | Path, *, separator: str = ";", top: bool = True) -> Hierarchy:
    r"""Read a hierarchy in ARX's CSV form: no header, a row per leaf, field j its value at level j.

    Parameters
    ----------
    path
        A file in UTF-8, with or without a newline at its end.
    separator
        The character between fields.
    top
        Whether to end in the single value "*"; nothing is added where the last level is a single value already.

    Returns
    -------
    Hierarchy
        A hierarchy whose leaves are those of the file, read as the type of the column that it is used on.

    Raises
    ------
    ArgumentError
        If the file is empty or ragged, if a leaf has two paths, or if the table is not monotone.

    Notes
    -----
    F. Prasser et al., "Flexible data anonymization using ARX", Software: Practice and Experience 50 (2020).

    Examples
    --------
    >>> import kohort as kh, pathlib, polars as pl, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "age.csv"
    >>> _ = path.write_text("34;30-39;*\n45;40-49;*")
    >>> kh.hierarchy.from_csv(path).levels(pl.Series([45, 34])).rows()
    [(34, '30-39', '*'), (45, '40-49', '*')]
    """
    checks.one_character("separator", separator)
    with open(path, newline="", encoding="utf-8-sig") as file:  # noqa: PTH123 - path may be a text
        try:
            rows = [row for row in csv.reader(file, delimiter=separator) if row]
        except (csv.Error, UnicodeDecodeError) as error:
            raise ArgumentError(f"{path} cannot be read as CSV in UTF-8: {error}") from error
    return from_rows(rows, str(path), top=top)
