"""Keys of sets of persons, for frames from outside: what binds the noise of a cell to who is in it."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import polars as pl

from kohort._frames import open_frame
from kohort.errors import ArgumentError
from kohort.release.protections import check_secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MODULUS = 2**64


@dataclass(frozen=True, slots=True)
class KeySum:
    """The set of persons of a cell, known by the sum of their keys alone.

    The sum was made with the secret of `keys_of_persons`, so `key` does not use the one it is given.
    """

    total: int = field(repr=False)

    def key(self, secret: bytes) -> int:  # noqa: ARG002 - the persons' keys are hashes under a secret already
        """Return the sum of the keys of the set's persons, below 2**64."""
        return self.total


def person_key(identifier: str, secret: bytes) -> int:
    """Return the key of a person: HMAC-SHA-256 of the identifier, its first 64 bits.

    Parameters
    ----------
    identifier
        Whatever names the person in the data, as text.
    secret
        At least 16 bytes, kept by the data's guardian.

    Returns
    -------
    int
        A whole number below 2**64; keys of a set's persons are added modulo 2**64.

    Raises
    ------
    ArgumentError
        If the secret is short.

    Notes
    -----
    The record keys of Thompson, Broadfoot and Elazar (2013) are random numbers kept with the data; hashes under a
    secret need no keeping and are alike in every extract. The sum is a hash of the set that no one without the secret
    can steer or undo (Bellare M, Micciancio D. A new paradigm for collision-free hashing. EUROCRYPT 1997).

    Examples
    --------
    >>> person_key("0042", bytes(range(16))) < 2**64
    True
    """
    check_secret(secret)
    return _key(identifier, secret)


def keys_of_persons(
    df: Any, *, dimensions: Sequence[str], person: str, secret: bytes, count: str = "n", key: str = "key"
) -> pl.DataFrame:
    """Count the persons of each cell of a frame of records, with the key of the set: what `release_table` takes.

    Parameters
    ----------
    df
        Records, each with its person; a person may have several in one cell.
    dimensions
        The columns that name the cells; a missing label reads "(missing)".
    person
        The column of identifiers.
    secret
        At least 16 bytes, kept by the data's guardian: whoever knows it can undo the noise.
    count, key
        Names of the columns added.

    Returns
    -------
    polars.DataFrame
        A row per cell, sorted: its labels, persons and key. Exact counts, so not for publication.

    Raises
    ------
    ArgumentError
        If a column is missing, a person is, or a person is in two cells.

    Examples
    --------
    >>> import polars as pl
    >>> from kohort.release import CellKeys, OutputRules, release_table
    >>> secret = bytes(range(32))
    >>> df = pl.DataFrame({"person": range(90), "sex": ["f", "m", "m"] * 30})
    >>> cells = keys_of_persons(df, dimensions=["sex"], person="person", secret=secret)
    >>> rules = OutputRules(protection=CellKeys(secret=secret))
    >>> release = release_table(cells, dimensions=["sex"], keys="key", rules=rules)
    >>> all(abs(n - exact) <= 5 for n, exact in zip(release.to_polars()["n"], [30, 60, 90]))
    True
    """
    check_secret(secret)
    opened = open_frame(df)
    wanted = [*dimensions, person]
    if not dimensions or len(set(wanted)) != len(wanted) or {count, key} & set(wanted) or count == key:
        raise ArgumentError(
            f"dimensions {list(dimensions)}, person {person!r}, count {count!r} and key {key!r} must be different names"
        )
    missing = [name for name in wanted if name not in opened.columns]
    if missing:
        raise ArgumentError(f"the table has no column {missing[0]!r}: its columns are {opened.columns}")
    frame = pl.DataFrame(opened.select(wanted)).select(
        *(pl.col(name).cast(pl.String).fill_null("(missing)") for name in dimensions), pl.col(person).cast(pl.String)
    )
    if frame[person].null_count():
        raise ArgumentError(f"column {person!r} has missing values: every record needs its person")
    distinct = frame.unique()
    if distinct[person].n_unique() != len(distinct):
        raise ArgumentError(
            f"a person of column {person!r} is in two cells, so margins would count persons twice: keep one record per "
            "person, or drop a dimension"
        )
    hashed = [_key(identifier, secret) for identifier in distinct[person].to_list()]
    halves = distinct.with_columns(
        pl.Series("__high", [value >> 32 for value in hashed], pl.UInt64),
        pl.Series("__low", [value & 0xFFFF_FFFF for value in hashed], pl.UInt64),
    )
    cells = halves.group_by(list(dimensions)).agg(
        pl.len().cast(pl.Int64).alias(count), pl.col("__high").sum(), pl.col("__low").sum()
    )
    totals = [
        ((high << 32) + low) % _MODULUS
        for high, low in zip(cells["__high"].to_list(), cells["__low"].to_list(), strict=True)
    ]
    return cells.drop("__high", "__low").with_columns(pl.Series(key, totals, pl.UInt64)).sort(list(dimensions))


def added(keys: Iterable[int]) -> int:
    """Return the key of the union of disjoint sets."""
    return sum(keys) % _MODULUS


def _key(identifier: str, secret: bytes) -> int:
    return int.from_bytes(hmac.digest(secret, b"kohort person " + identifier.encode(), sha256)[:8], "big")
