"""Frames from outside: counts or persons by dimension, read and checked before anything is worked out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from kohort._frames import open_frame
from kohort.errors import ArgumentError
from kohort.release.cross import TOTAL
from kohort.release.dimension import MISSING, Dimension, dimension_of
from kohort.release.keys import KeySum, added

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kohort.release.cross import Key
    from kohort.release.gate import People
    from kohort.release.layout import Layout


def columns_of(df: Any, dimensions: Sequence[str], other: str, what: str) -> pl.DataFrame:
    """Read the dimensions and one more column of a frame.

    Parameters
    ----------
    df
        Polars, pandas, pyarrow, a DuckDB relation, the path of a Parquet file, or anything with the Arrow PyCapsule
        interface.
    dimensions
        The columns that name the cells.
    other, what
        The further column, and what it is.

    Returns
    -------
    polars.DataFrame
        These columns.

    Raises
    ------
    ArgumentError
        If a column is missing or named twice, or there are no rows.
    """
    opened = open_frame(df)
    wanted = [*dimensions, other]
    if isinstance(dimensions, str) or len(set(wanted)) != len(wanted) or not dimensions:
        raise ArgumentError(
            f"dimensions {dimensions!r} and {what} {other!r} must be different columns, with at least one dimension"
        )
    missing = [name for name in wanted if name not in opened.columns]
    if missing:
        raise ArgumentError(f"the table has no column {missing[0]!r}: its columns are {opened.columns}")
    frame = pl.DataFrame(opened.select(wanted))
    if not frame.height:
        raise ArgumentError("the table has no rows: nothing to release")
    return frame


def counted(df: Any, dimensions: Sequence[str], count: str) -> tuple[pl.DataFrame, dict[Key, int]]:
    """Read a frame of counts, a row per cell: the labels as they are, and the persons of each key.

    Raises
    ------
    ArgumentError
        If a count is no whole number of persons, or a combination of labels is there twice.
    """
    frame = columns_of(df, dimensions, count, "count")
    column = frame[count]
    if column.dtype.is_float() and (column.is_null() | (column.is_finite() & (column == column.round()))).all():
        column = column.cast(pl.Int64)
    if not column.dtype.is_integer() or column.null_count() or (column < 0).any():
        raise ArgumentError(f"column {count!r} must hold whole numbers of persons from 0 on, without missing values")
    answer: dict[Key, int] = {}
    for key, persons in zip(_keys(frame, dimensions), column.to_list(), strict=True):
        if key in answer:
            raise ArgumentError(f"the row {' / '.join(key)!r} is there twice: give each combination of dimensions once")
        answer[key] = persons
    return frame, answer


def key_sets(df: Any, dimensions: Sequence[str], keys: str, layout: Layout) -> dict[Key, People]:
    """Return the set of persons of every cell by its canonical key: keys of disjoint cells add up.

    Raises
    ------
    ArgumentError
        If the column holds no keys of sets of persons.
    """
    frame = columns_of(df, dimensions, keys, "keys")
    column = frame[keys]
    if not column.dtype.is_integer() or column.null_count() or (column < 0).any():
        raise ArgumentError(
            f"column {keys!r} must hold keys of sets of persons, whole numbers below 2**64: make it with "
            "keys_of_persons"
        )
    totals = dict.fromkeys(map(layout.canonical, layout.keys()), 0)
    for key, one in zip(_keys(frame, dimensions), column.to_list(), strict=True):
        if layout.is_inner(key):
            for cover in layout.covering(key):
                totals[cover] = added((totals[cover], one))
    return {key: KeySum(total) for key, total in totals.items()}


def dimensions_of(frame: pl.DataFrame, dimensions: Sequence[str], hierarchies: Any) -> list[Dimension]:
    """Build the dimensions of a frame.

    Raises
    ------
    ArgumentError
        If `hierarchies` is no mapping, or names a column that is no dimension.
    """
    given: Mapping[str, object] = hierarchies or {}
    if not isinstance(given, Mapping):
        raise ArgumentError(f"hierarchies must map names of dimensions to hierarchies, got {type(given).__qualname__}")
    for name in given:
        if name not in dimensions:
            raise ArgumentError(f"hierarchies name {name!r}, which is no dimension: dimensions are {list(dimensions)}")
    return [dimension_of(name, frame[name], given.get(name)) for name in dimensions]


def sensitive_levels(
    sensitive: Sequence[str] | Mapping[str, Sequence[str]], layout: Layout
) -> dict[int, frozenset[str]]:
    """Return the sensitive levels of each axis that has some: those named, or all of the dimension.

    Raises
    ------
    ArgumentError
        If a name is no dimension, a level is none of it, or a sensitive dimension has one level.
    """
    if isinstance(sensitive, str):
        raise ArgumentError(f"sensitive must be a list of dimensions, got {sensitive!r}: write [{sensitive!r}]")
    names = [dimension.name for dimension in layout.dimensions]
    answer: dict[int, frozenset[str]] = {}
    for name in sensitive:
        if name not in names:
            raise ArgumentError(f"sensitive names {name!r}, which is not a dimension: they are {names}")
        axis = names.index(name)
        levels = [node.label for node in layout.dimensions[axis].nodes if node.label != TOTAL]
        wanted = sensitive[name] if isinstance(sensitive, Mapping) else levels
        strange = [level for level in wanted if level not in levels]
        if strange:
            raise ArgumentError(f"dimension {name!r} has no level {strange[0]!r}: its levels are {levels}")
        if len(layout.dimensions[axis].labels) < 2:
            raise ArgumentError(
                f"sensitive dimension {name!r} has one level, so the table says it of everyone: add the other levels"
            )
        answer[axis] = frozenset(wanted)
    return answer


def summed(given: Mapping[Key, int], layout: Layout) -> dict[Key, int]:
    """Return the persons of every cell by its canonical key, after checking the margins that are given.

    Raises
    ------
    ArgumentError
        If a margin is not the sum of its cells.
    """
    sums = dict.fromkeys(map(layout.canonical, layout.keys()), 0)
    for key, persons in given.items():
        if layout.is_inner(key):
            for cover in layout.covering(key):
                sums[cover] += persons
    for key, persons in given.items():
        if sums[layout.canonical(key)] != persons:
            raise ArgumentError(f"the row {' / '.join(key)!r} is not the sum of its cells: correct it or leave it out")
    return sums


def persons_by(df: Any, dimensions: Sequence[str], person: str) -> pl.DataFrame:
    """Read records, several for a person if need be: the dimensions and the person, each combination once.

    Raises
    ------
    ArgumentError
        If a record has no person, or a label "Total".
    """
    frame = columns_of(df, dimensions, person, "person")
    if frame[person].null_count():
        raise ArgumentError(f"column {person!r} must name the person of every record, without missing values")
    for name in dimensions:
        if (frame[name].cast(pl.String) == TOTAL).any():
            raise ArgumentError(f"dimension {name!r} has the label {TOTAL!r}: records of persons have no margins")
    return frame.unique(maintain_order=True)


def distinct(records: pl.DataFrame, dimensions: Sequence[str], person: str, layout: Layout) -> dict[Key, int]:
    """Count the persons of every cell, each once in each cell, by its canonical key."""
    sums = dict.fromkeys(map(layout.canonical, layout.keys()), 0)
    frame = records.select(_labels(dimensions) + [pl.col(person)])
    for axis, name in enumerate(dimensions):
        pairs = [(leaf, label) for leaf, labels in layout.above(axis).items() for label in labels]
        nodes = pl.DataFrame(pairs, schema={name: pl.String, "__node": pl.String}, orient="row")
        frame = frame.join(nodes, on=name, how="inner").drop(name).rename({"__node": name}).unique()
    for *key, persons in frame.group_by(list(dimensions)).agg(pl.col(person).n_unique()).iter_rows():
        sums[tuple(key)] = persons
    return sums


def overlapping(records: pl.DataFrame, dimensions: Sequence[str], person: str) -> list[bool]:
    """Return for each dimension whether some person has several of its labels: then margins are no sums along it."""
    labels = records.group_by(person).agg(_label.n_unique() for _label in _labels(dimensions))
    return [bool((labels[name] > 1).any()) for name in dimensions]


def _labels(dimensions: Iterable[str]) -> list[pl.Expr]:
    return [pl.col(name).cast(pl.String).fill_null(MISSING) for name in dimensions]


def _keys(frame: pl.DataFrame, dimensions: Sequence[str]) -> Iterable[Key]:
    return frame.select(_labels(dimensions)).iter_rows()
