"""How the values of a sensitive column lie to each other: an order, or a tree above them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

import polars as pl

from kohort.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kohort._frames import Stream


@runtime_checkable
class Levels(Protocol):
    """A hierarchy: anything that can say what each value becomes at each level."""

    def levels(self, values: pl.Series) -> pl.DataFrame:
        """Give the values in the first column, and what they become at each level in those that follow."""


class Arrangement(NamedTuple):
    """Rows ready for the core, with the listed values of the sensitive column, and their nodes in a tree."""

    rows: Stream
    sequence: pl.DataFrame | None = None
    levels: list[list[int]] | None = None


def in_order(rows: Stream, name: str, order: Iterable[Any] | None) -> Arrangement:
    """Put the values of a column in order: the one given, or that of their type."""
    frame = pl.DataFrame(rows)
    column = _without_nested(frame[name])
    occurring = column.unique()
    declared = _declared(rows, name) if order is None else None
    if declared is not None:
        listed = _listed(declared, column)
        listed = listed.filter(listed.is_in(occurring.implode()))
    elif order is not None:
        listed = _listed(order, column)
    else:
        return Arrangement(frame, occurring.sort().to_frame())
    lacking = occurring.drop_nulls()
    lacking = lacking.filter(~lacking.is_in(listed.implode()))
    if lacking.len():
        raise ArgumentError(f"order lacks {lacking[0]!r}, which is a value of column {name!r}: list every value")
    if column.null_count() and not listed.null_count():
        listed = pl.concat([column.clear().extend_constant(None, 1), listed])
    return Arrangement(frame, listed.to_frame())


def in_tree(rows: Stream, name: str, hierarchy: Levels | pl.DataFrame) -> Arrangement:
    """Put the values of a column below a hierarchy; missing values hang from its root on their own."""
    frame = pl.DataFrame(rows)
    column = _without_nested(frame[name])
    values = column.drop_nulls().unique().sort()
    if isinstance(hierarchy, pl.DataFrame):
        table = hierarchy
    elif isinstance(hierarchy, Levels):
        table = hierarchy.levels(values)
    else:
        raise ArgumentError(
            f"hierarchy must be made by kohort.hierarchy, or be a polars DataFrame of values and their levels, got "
            f"{type(hierarchy).__qualname__}"
        )
    if table.width < 2:
        raise ArgumentError("hierarchy has no level above the values: give one at least, for example '*'")
    leaves = _listed(table.to_series(0), column)
    if leaves.is_duplicated().any():
        raise ArgumentError("hierarchy lists a value twice: give each value one row")
    levels = [table.to_series(position).rank("dense").cast(pl.UInt32) - 1 for position in range(1, table.width)]
    nodes = pl.DataFrame({"leaf": leaves, **{str(number): level for number, level in enumerate(levels)}})
    if nodes.select(pl.exclude("leaf").null_count()).sum_horizontal().sum():
        raise ArgumentError("hierarchy has missing values among its levels: say what each value becomes")
    found = pl.DataFrame({"leaf": values}).join(nodes, on="leaf", how="left", maintain_order="left")
    lacking = found.filter(pl.col("0").is_null())
    if lacking.height:
        raise ArgumentError(f"hierarchy lacks {lacking['leaf'][0]!r}, which is a value of column {name!r}: add a row")
    of_level = [found[str(number)].to_list() for number in range(len(levels))]
    sequence = values
    if column.null_count():
        sequence = pl.concat([values, column.clear().extend_constant(None, 1)])
        for nodes_of_values in of_level[:-1]:
            nodes_of_values.append(max(nodes_of_values, default=-1) + 1)
        of_level[-1].append(max(of_level[-1], default=0))
    return Arrangement(frame, sequence.alias(name).to_frame(), of_level)


def _declared(rows: Any, name: str) -> list[Any] | None:
    """Give the order of an ordered dictionary (an ordered categorical of pandas), if it is one."""
    schema = getattr(rows, "schema", None)
    if schema is None or not hasattr(schema, "field") or not getattr(schema.field(name).type, "ordered", False):
        return None
    chunks = rows.column(name).unify_dictionaries().chunks
    return list(chunks[0].dictionary.to_pylist()) if chunks else None


def _listed(values: Iterable[Any], column: pl.Series) -> pl.Series:
    """Read values as the type of a column."""
    try:
        listed = values if isinstance(values, pl.Series) else pl.Series(list(values))
        listed = listed.cast(_without_nested(column).dtype).alias(column.name)
    except (pl.exceptions.PolarsError, TypeError, ValueError, OverflowError):
        raise ArgumentError(
            f"the values listed for column {column.name!r} are not of its type {column.dtype}: give values as they "
            "occur in the column"
        ) from None
    return listed


def _without_nested(column: pl.Series) -> pl.Series:
    if column.dtype.is_nested():
        raise ArgumentError(
            f"column {column.name!r} is of type {column.dtype}, which has no single value per row to compare: unnest "
            "it, or turn it into text, and try again"
        )
    return column
