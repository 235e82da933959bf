"""Check digits, as polars expressions over text."""

from __future__ import annotations

import polars as pl


def _digit(text: pl.Expr, place: int) -> pl.Expr:
    return text.str.slice(place, 1).cast(pl.Int64, strict=False)


def luhn(text: pl.Expr, length: int) -> pl.Expr:
    """Tell whether text of so many digits ends in the check digit of ISO/IEC 7812 (FINESS, SIREN, RPPS, cards)."""
    total = pl.lit(0, pl.Int64)
    for place in range(length):
        digit = _digit(text, place)
        doubled = (length - place) % 2 == 0
        total = total + (2 * digit - pl.when(digit > 4).then(9).otherwise(0) if doubled else digit)
    return total % 10 == 0


def nir(text: pl.Expr) -> pl.Expr:
    """Tell whether the last two of 15 characters are the key of a NIR: 97 less the rest of the first 13 by 97.

    Corsica's departments 2A and 2B count as 19 and 18 (INSEE).
    """
    body = text.str.slice(0, 13).str.replace("2A", "19", literal=True).str.replace("2B", "18", literal=True)
    key = text.str.slice(13, 2).cast(pl.Int64, strict=False)
    return 97 - body.cast(pl.Int64, strict=False) % 97 == key


def iban(text: pl.Expr) -> pl.Expr:
    """Tell whether the rest by 97 is 1 of an IBAN, its first four characters last, letters as 10 to 35 (ISO 13616)."""
    turned = pl.concat_str([text.str.slice(4), text.str.slice(0, 4)])
    letters = {chr(ord("A") + n): str(10 + n) for n in range(26)}
    # 34 characters are 68 digits at most: pieces of seven fit into 64 bits with the rest before them.
    number = turned.str.replace_many(letters).str.zfill(70)
    rest = pl.lit(0, pl.Int64)
    for place in range(0, 70, 7):
        rest = (rest * 10**7 + number.str.slice(place, 7).cast(pl.Int64, strict=False)) % 97
    return rest == 1
