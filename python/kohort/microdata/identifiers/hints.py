"""Hints at the columns that identify persons outright, or nearly."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import polars as pl

from kohort._frames import open_frame
from kohort.errors import ArgumentError
from kohort.microdata import checks
from kohort.microdata.identifiers.contents import RULES, dates, texts
from kohort.microdata.identifiers.names import kinds_of_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

#: Contents are judged by so many rows, taken evenly from the frame.
ROWS = 200_000
#: Values that are all different say nothing in a frame of fewer rows.
FEW = 20
#: Share of rows that values must come to for a column to be told nearly unique.
NEARLY = 0.9
#: Dates of events of a study lie closer together than dates of birth.
LIFETIMES = timedelta(days=40 * 365)
#: The age above which the Safe Harbor rule wants ages hidden.
OLD = 89


def identifier_hints(df: Any) -> pl.DataFrame:
    """Hint at the columns that identify persons outright, or nearly: to be removed, replaced or coarsened first.

    Names of columns (in English and French) and contents are looked at: social security numbers (the French NIR with
    its key), e-mail, phone and IP addresses, postal codes, bank accounts, numbers of health professionals and
    facilities (RPPS, FINESS, with their check digits), dates, dates of birth and ages above 89, and values that are
    nearly all different.

    Parameters
    ----------
    df
        A frame of any kind that `kohort.k_anonymity` takes.

    Returns
    -------
    polars.DataFrame
        A row per column and kind: `column`, `kind` (such as "date of birth"), `why` (what in the name or the contents
        says so) and `share`, the share of the values, in [0, 1], that match; missing where only the name speaks. Never
        a value. Of a long frame, 200,000 rows are looked at.

    Raises
    ------
    ArgumentError
        If the frame has no columns or no rows, or names that are no text or occur twice.

    Notes
    -----
    The kinds are those that the Safe Harbor method of the HIPAA privacy rule lists (45 CFR 164.514(b)(2)), and what
    singles persons out in French health data. A hint is no proof, and no hint is none either: names of persons and free
    text are known by the column's name only.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> df = pl.DataFrame({"mail": ["a@b.fr", "c@d.org"], "sexe": ["F", "M"], "ddn": ["1950-01-02", "1991-12-31"]})
    >>> kh.identifier_hints(df).select("column", "kind", "share").rows()
    [('mail', 'e-mail address', 1.0), ('ddn', 'date of birth', 1.0)]
    """
    frame = open_frame(df)
    names = checks.names("the columns of the frame", frame.columns)
    if not names:
        raise ArgumentError("the frame has no columns: there is nothing to look at")
    rows = pl.DataFrame(frame.select(names))
    checks.some_rows(rows.height)
    sample = rows.gather_every(-(-rows.height // ROWS))
    found = [(name, *hint) for name in names for hint in _of_column(name, sample[name])]
    schema = {"column": pl.String, "kind": pl.String, "why": pl.String, "share": pl.Float64}
    return pl.DataFrame(found, schema, orient="row")


def _of_column(name: str, column: pl.Series) -> Iterator[tuple[str, str, float | None]]:
    """Join what the name says with what the contents say."""
    named = kinds_of_name(name)
    seen: dict[str, tuple[str, float]] = {}
    for kind, why, share in _contents(column.drop_nulls(), named):
        if kind not in seen or share > seen[kind][1]:
            seen[kind] = (why, share)
    for kind, (why, share) in seen.items():
        yield kind, f"its name; {why}" if kind in named else why, share
    # That a column is a date of birth or another date by its contents is what "date" in its name would say.
    told = {*seen, *({"date"} if "date of birth" in seen else ())}
    for kind in named:
        if kind not in told and not _ruled_out(kind, column):
            yield kind, "its name", None


def _ruled_out(kind: str, column: pl.Series) -> bool:
    """Whether a column of this type cannot hold what its name says."""
    if column.dtype == pl.Boolean:
        return True
    if kind == "age":
        return True  # told by its values, when they are above the limit
    return kind in {"e-mail address", "name", "web address", "free text", "IP address"} and column.dtype.is_numeric()


def _count(values: pl.DataFrame, which: pl.Series | None = None) -> int:
    counts = values["count"]
    return int(counts.sum() if which is None else counts.filter(which).sum())


def _contents(column: pl.Series, named: list[str]) -> Iterator[tuple[str, str, float]]:
    if column.is_empty() or column.dtype.is_nested():
        return
    plain = column.cast(pl.String) if isinstance(column.dtype, pl.Categorical | pl.Enum) else column
    values = plain.alias("value").value_counts(name="count")
    total = _count(values)
    days = dates(values)
    if days is not None:
        spread = cast("date", days.max()) - cast("date", days.min())
        share = _count(values, days.is_not_null()) / total
        born = "date of birth" in named or spread > LIFETIMES
        why = "dates" if spread <= LIFETIMES else "dates that lie more than 40 years apart"
        yield "date of birth" if born else "date", why, share
    if "age" in named and column.dtype.is_numeric():
        old = _count(values, values["value"] > OLD) / total
        if old:
            yield "age", f"ages above {OLD}", old
    text = texts(values)
    if text is not None and days is None:
        hits = text.select((rule.matches & True).fill_null(value=False).alias(str(n)) for n, rule in enumerate(RULES))
        for number, rule in enumerate(RULES):
            share = _count(values, hits[str(number)]) / total
            # A name that says the same is believed with fewer values behind it.
            if share >= (min(rule.least, 0.1) if rule.kind in named else rule.least):
                yield rule.kind, rule.why, share
    if total >= FEW and values.height >= NEARLY * total:
        yield "nearly unique", "values that are nearly all different", values.height / total
