"""What the contents of a column say of it: patterns, and check digits where there are any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from kohort.microdata.identifiers import digits

if TYPE_CHECKING:
    from collections.abc import Callable

VALUE = pl.col("value")
#: The value without what people put between digits.
BARE = VALUE.str.replace_all(r"[\s.\-/]", "").str.to_uppercase()


@dataclass(frozen=True, slots=True)
class Rule:
    """A form of values.

    Attributes
    ----------
    kind
        What values of this form are.
    why
        What the form is, in words.
    matches
        Whether a value has the form, as an expression.
    least
        The share of values from which a column is told to hold them: low where chance makes no such values.
    """

    kind: str
    why: str
    matches: pl.Expr
    least: float


def _with(form: str, check: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    """Ask for a form, and of those that have it for a check digit."""
    return pl.when(BARE.str.contains(form)).then(check(BARE)).otherwise(statement=False).fill_null(value=False)


_BYTE = r"(25[0-5]|2[0-4]\d|1?\d?\d)"
_DEPARTMENT = r"(0[1-9]|[1-8]\d|9[0-578]|2[AB])"
_NIR = r"^[1-478]\d{2}(0[1-9]|1[0-2]|[2-9]\d)(\d{2}|2[AB])\d{6}"

RULES = (
    Rule("social security number", "15 characters with the key of a NIR", _with(_NIR + r"\d{2}$", digits.nir), 0.1),
    # French drug codes (CIP) have 13 digits, too, and begin with 34009.
    Rule(
        "social security number",
        "13 characters in the form of a NIR",
        BARE.str.contains(_NIR + "$") & ~BARE.str.starts_with("34009"),
        0.8,
    ),
    Rule(
        "social security number",
        "the form of a US social security number",
        VALUE.str.contains(r"^\d{3}-\d{2}-\d{4}$"),
        0.5,
    ),
    Rule("e-mail address", "the form of e-mail", VALUE.str.contains(r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$"), 0.1),
    Rule("phone number", "the form of a French number", BARE.str.contains(r"^(\+33(\(0\))?|0033|0)[1-9]\d{8}$"), 0.8),
    Rule("phone number", "a number with its country's code", BARE.str.contains(r"^\+[1-9]\d{7,14}$"), 0.5),
    Rule(
        "phone number",
        "the form of a North American number",
        VALUE.str.contains(r"^(\+1[ .-]?)?(\(\d{3}\) ?|\d{3}[.-])\d{3}[.-]\d{4}$"),
        0.5,
    ),
    Rule("IP address", "the form of IPv4", VALUE.str.contains(rf"^{_BYTE}(\.{_BYTE}){{3}}$"), 0.5),
    Rule(
        "IP address",
        "the form of IPv6",
        VALUE.str.contains(r"^([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}$|^[0-9A-Fa-f:]*::[0-9A-Fa-f:]*$")
        & (VALUE.str.len_chars() >= 6),
        0.5,
    ),
    Rule(
        "device number",
        "the form of a MAC address",
        VALUE.str.contains(r"^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$"),
        0.5,
    ),
    Rule("web address", "the form of a web address", VALUE.str.contains(r"^(https?://|www\.)\S+$"), 0.1),
    Rule(
        "identifier",
        "the form of a UUID",
        VALUE.str.contains(r"^[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$"),
        0.1,
    ),
    Rule("account number", "an IBAN with its key", _with(r"^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$", digits.iban), 0.1),
    Rule(
        "account number",
        "16 digits with the check digit of a card",
        _with(r"^[3-6]\d{15}$", lambda text: digits.luhn(text, 16)),
        0.8,
    ),
    Rule(
        "professional number",
        "11 digits with a check digit, as RPPS",
        _with(r"^[18]\d{10}$", lambda text: digits.luhn(text, 11)),
        0.8,
    ),
    Rule(
        "facility number",
        "9 digits with a check digit, as FINESS or SIREN",
        _with(r"^\d{9}$", lambda text: digits.luhn(text, 9)),
        0.8,
    ),
    Rule(
        "facility number",
        "14 digits with a check digit, as SIRET",
        _with(r"^\d{14}$", lambda text: digits.luhn(text, 14)),
        0.8,
    ),
    Rule(
        "postal code",
        "five characters as French postal or commune codes",
        BARE.str.contains(rf"^{_DEPARTMENT}\d{{3}}$"),
        0.95,
    ),
    Rule("postal code", "the form of ZIP+4", VALUE.str.contains(r"^\d{5}-\d{4}$"), 0.5),
    Rule(
        "vehicle number",
        "the form of a French number plate",
        VALUE.str.contains(r"^[A-HJ-NP-TV-Z]{2}[ -]?\d{3}[ -]?[A-HJ-NP-TV-Z]{2}$"),
        0.5,
    ),
)

#: Days, months and years in the orders that people write them.
DATES = ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y%m%d", "%Y/%m/%d", "%Y-%m-%d %H:%M:%S")


def dates(values: pl.DataFrame) -> pl.Series | None:
    """Read values as dates in the form that most have; None if fewer than nine in ten have any one."""
    kind = values["value"].dtype
    if kind == pl.Date or isinstance(kind, pl.Datetime):
        return values["value"].cast(pl.Date)
    if kind != pl.String:
        return None
    for form in DATES:
        read = values["value"].str.strptime(pl.Datetime, form, strict=False).cast(pl.Date)
        # %Y reads years of any length, %Y%m%d any number.
        read = pl.select(pl.when(read.dt.year().is_between(1850, 2200)).then(read)).to_series()
        hits = int(values["count"].filter(read.is_not_null()).sum())
        if hits >= 0.9 * int(values["count"].sum()):
            return read
    return None


def texts(values: pl.DataFrame) -> pl.DataFrame | None:
    """Give values as text; None for those that have no characters."""
    column = values["value"]
    if column.dtype.is_float():
        # Numbers with a missing one among them come as floats from pandas.
        whole = column.is_finite().all() and (column == column.round()).all() and (column.abs() < 2**53).all()
        if not whole:
            return None
        column = column.cast(pl.Int64)
    if (
        column.dtype == pl.Boolean
        or column.dtype.is_temporal()
        or column.dtype == pl.Binary
        or column.dtype.is_nested()
    ):
        return None
    text = column.cast(pl.String).str.strip_chars()
    return values.with_columns(text.alias("value"))
