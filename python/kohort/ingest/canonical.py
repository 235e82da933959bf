"""Brings the columns of any frame into the few names and types that an ingest takes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import polars as pl

from kohort.errors import IngestError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Words and codes for administrative sex, as codes of ISO/IEC 5218.
SEX_CODES = {
    "male": 1,
    "m": 1,
    "female": 2,
    "f": 2,
    "unknown": 0,
    "u": 0,
    "0": 0,
    "1": 1,
    "2": 2,
    "9": 0,
}


@contextmanager
def reading(table: str) -> Iterator[None]:
    """Turn what polars says of a table into an ingest error, without the values it quotes: they are patients'."""
    try:
        yield
    except pl.exceptions.PolarsError as error:
        said = str(error).partition("\n")[0].partition(" for ")[0].rstrip(". ")
        raise IngestError(f"table '{table}' cannot be read ({said}): mend it, or cast it before the ingest") from None


def columns_of(frame: pl.LazyFrame, table: str) -> dict[str, pl.DataType]:
    """Give the names and types of a lazy frame's columns."""
    with reading(table):
        return dict(frame.collect_schema())


def demand(columns: dict[str, pl.DataType], names: list[str], table: str) -> None:
    """Refuse a table that lacks a column, naming the columns that it has."""
    for name in names:
        if name not in columns:
            there = ", ".join(columns) or "none"
            raise IngestError(f"table '{table}' has no column '{name}': it has {there}")


def day(name: str, kind: pl.DataType, table: str) -> pl.Expr:
    """Read a column as days: dates, timestamps, or ISO text."""
    column = pl.col(name)
    if kind == pl.Date:
        return column
    if kind == pl.Datetime:
        return column.dt.date()
    if kind == pl.String:
        return column.str.to_date("%Y-%m-%d", strict=True)
    if kind == pl.Null:
        return column.cast(pl.Date)
    raise IngestError(f"column '{name}' of table '{table}' has type {kind}: give dates, or text such as 2015-01-31")


def identifier(frame: pl.LazyFrame, kind: pl.DataType, table: str) -> pl.Expr:
    """Read the column `person_id`: whole numbers as Int64, anything else as text.

    pandas makes floats of whole numbers where some are missing: those are taken as the numbers they were.
    """
    column = pl.col("person_id")
    if kind.is_float() or kind.is_decimal():
        with reading(table):
            broken = (column != column.floor()) | (column.abs() > 2**53)
            if frame.select(broken.any()).collect().item():
                raise IngestError(
                    f"column 'person_id' of table '{table}' has type {kind} and numbers that are not whole, "
                    "or too large to be exact: give whole numbers or text"
                )
        column = column.fill_nan(None) if kind.is_float() else column
        return column.cast(pl.Int64)
    return column.cast(pl.Int64 if kind.is_integer() else pl.String)


def sex(name: str, kind: pl.DataType, frame: pl.LazyFrame) -> pl.Expr:
    """Read a column of sex: words (female, F, male, M, unknown) or codes of ISO/IEC 5218."""
    column = pl.col(name).cast(pl.Int64) if kind.is_decimal() else pl.col(name)
    # pandas makes floats of codes where some are missing.
    column = column.fill_nan(None).cast(pl.Int64) if kind.is_float() else column
    text = column.cast(pl.String).str.to_lowercase()
    known = list(SEX_CODES)
    with reading("persons"):
        strange = frame.select(text.unique()).collect().to_series().drop_nulls()
    unknown = sorted(value for value in strange if value not in SEX_CODES)
    if unknown:
        raise IngestError(
            f"column '{name}' of type {kind} holds '{unknown[0]}', which is no sex: "
            "use female, male, unknown, or the codes 2, 1, 0 of ISO/IEC 5218"
        )
    return text.replace_strict(known, [SEX_CODES[key] for key in known], default=0, return_dtype=pl.UInt8)


def birth_month(frame: pl.LazyFrame, columns: dict[str, pl.DataType], *, truncate: bool) -> pl.Expr:
    """Read the birth month: a date on the first of the month, or text such as 1956-07.

    A full date of birth is refused unless the caller wants it cut to the month: it identifies, and no analysis here
    needs it.
    """
    kind = columns["birth_month"]
    column = pl.col("birth_month")
    if kind == pl.String:
        dates = column.str.slice(0, 10) + pl.when(column.str.len_chars() == 7).then(pl.lit("-01")).otherwise(pl.lit(""))
        expression = dates.str.to_date("%Y-%m-%d", strict=True)
    else:
        expression = day("birth_month", kind, "persons")
    with reading("persons"):
        later = frame.select((expression.dt.day() != 1).any()).collect().item()
    if later and not truncate:
        raise IngestError(
            "column 'birth_month' of table 'persons' holds full dates of birth: "
            "give the first of the month, or pass birth_dates='truncate'"
        )
    return expression.dt.truncate("1mo") if later else expression


def events(frame: pl.LazyFrame, table: str) -> pl.LazyFrame:
    """Bring an events table into canonical form: `person_id`, `start`, `code`, perhaps `end`, and the rest as it is."""
    columns = columns_of(frame, table)
    if "start" not in columns and "date" in columns:
        frame = frame.rename({"date": "start"})
        columns = columns_of(frame, table)
    demand(columns, ["person_id", "start", "code"], table)
    chosen = [
        identifier(frame, columns["person_id"], table).alias("person_id"),
        day("start", columns["start"], table).alias("start"),
        pl.col("code").cast(pl.String).alias("code"),
    ]
    if "end" in columns:
        chosen.append(day("end", columns["end"], table).alias("end"))
    for name, kind in columns.items():
        if name in {"person_id", "start", "end", "code"}:
            continue
        if name == "days_supply":
            chosen.append(pl.col(name).cast(pl.Int32))
        elif isinstance(kind, pl.Decimal):
            chosen.append(pl.col(name).cast(pl.Float64))
        elif isinstance(kind, (pl.Categorical, pl.Enum)):
            chosen.append(pl.col(name).cast(pl.String))
        elif kind != pl.Null:
            chosen.append(pl.col(name))
    return frame.select(chosen)


def spans(frame: pl.LazyFrame, table: str) -> pl.LazyFrame:
    """Bring a table of `person_id`, `start`, `end` (and `code`, for residences) into canonical form."""
    columns = columns_of(frame, table)
    demand(columns, ["person_id", "start", "end"], table)
    chosen = [
        identifier(frame, columns["person_id"], table).alias("person_id"),
        day("start", columns["start"], table).alias("start"),
        day("end", columns["end"], table).alias("end"),
    ]
    if "code" in columns:
        chosen.append(pl.col("code").cast(pl.String))
    return frame.select(chosen)
