"""Hierarchy of places in France: commune, département, région.

A commune's département is the beginning of its INSEE code. The table below has the région of each since 2016, from
INSEE's Code officiel géographique (Licence Ouverte) as published in @etalab/decoupage-administratif 6.0.0 (MIT).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, ClassVar

import polars as pl

from kohort.errors import ArgumentError
from kohort.hierarchy import checks
from kohort.hierarchy.base import Hierarchy
from kohort.hierarchy.conversion import as_text
from kohort.hierarchy.tables import Table

if TYPE_CHECKING:
    from pathlib import Path

#: The départements of each région, and the collectivities overseas that are in none, by their own name.
REGIONS = {
    "Guadeloupe": "971",
    "Martinique": "972",
    "Guyane": "973",
    "La Réunion": "974",
    "Mayotte": "976",
    "Île-de-France": "75 77 78 91 92 93 94 95",
    "Centre-Val de Loire": "18 28 36 37 41 45",
    "Bourgogne-Franche-Comté": "21 25 39 58 70 71 89 90",
    "Normandie": "14 27 50 61 76",
    "Hauts-de-France": "02 59 60 62 80",
    "Grand Est": "08 10 51 52 54 55 57 67 68 88",
    "Pays de la Loire": "44 49 53 72 85",
    "Bretagne": "22 29 35 56",
    "Nouvelle-Aquitaine": "16 17 19 23 24 33 40 47 64 79 86 87",
    "Occitanie": "09 11 12 30 31 32 34 46 48 65 66 81 82",
    "Auvergne-Rhône-Alpes": "01 03 07 15 26 38 42 43 63 69 73 74",
    "Provence-Alpes-Côte d'Azur": "04 05 06 13 83 84",
    "Corse": "2A 2B",
    "Saint-Pierre-et-Miquelon": "975",
    "Saint-Barthélemy": "977",
    "Saint-Martin": "978",
    "Terres australes et antarctiques françaises": "984",
    "Wallis et Futuna": "986",
    "Polynésie française": "987",
    "Nouvelle-Calédonie": "988",
    "Île de Clipperton": "989",
}
CODE = r"^(\d\d|2[AB])\d{3}$"
#: The postal codes of Paris look like INSEE codes; its only ones are the city and its arrondissements.
PARIS = r"^75(056|1[01]\d|120)$"
REMEDY = (
    "an INSEE code has five characters (01053), Corsica's begin with 2A or 2B, and a postal code is none: look up the "
    "communes, or make the values null"
)


@cache
def regions() -> pl.DataFrame:
    """Give the région of each département."""
    rows = [(code, name) for name, codes in REGIONS.items() for code in codes.split()]
    return pl.DataFrame(rows, schema=["département", "région"], orient="row")


@dataclass(frozen=True, repr=False)
class FrenchCommunes(Hierarchy):
    """Commune, département, région; made by `french_communes`."""

    kind: ClassVar[str] = "french_communes"

    top: bool = True

    def _generalize(self, leaves: pl.Series) -> pl.DataFrame:
        text = as_text(leaves, repr(self))
        text = text.str.zfill(5) if leaves.dtype.is_integer() else text
        frame = _with_region(text)
        checks.refuse(leaves.filter(frame["région"].is_null()), "values are no INSEE codes of communes", REMEDY)
        return pl.DataFrame([leaves, frame["département"].alias("1"), frame["région"].alias("2")])

    def _examples(self) -> pl.Series:
        return pl.Series("0", ["2A004", "44109", "44190", "67482", "97411"])

    def describe(self, level: int) -> str:
        """Give the name of the level."""
        return ("commune", "département", "région")[level] if level < 3 else super().describe(level)

    def __repr__(self) -> str:
        return f"hierarchy.french_communes({'' if self.top else 'top=False'})"


def _with_region(text: pl.Series) -> pl.DataFrame:
    """Give the département and the région of codes, null for what is no code."""
    known = text.str.contains(CODE) & ~text.str.ends_with("000")
    known &= ~text.str.starts_with("75") | text.str.contains(PARIS)
    frame = text.set(~known, None).to_frame("commune")
    overseas = pl.col("commune").str.contains("^9[78]")
    code = pl.when(overseas).then(pl.col("commune").str.slice(0, 3)).otherwise(pl.col("commune").str.slice(0, 2))
    return frame.with_columns(code.alias("département")).join(
        regions(), on="département", how="left", maintain_order="left"
    )


def french_communes(path: str | Path | None = None, *, top: bool = True) -> Hierarchy:
    """Generalize INSEE codes of communes to the département and the région.

    Parameters
    ----------
    path
        INSEE's list of communes (Code officiel géographique, a CSV such as `v_commune_2024.csv`). Its communes are then
        the leaves, and a first level takes associated and delegated communes and municipal arrondissements to the
        commune that they are part of. Without it any code of the right form is generalized by its beginning.
    top
        Whether to end in the single value "*".

    Returns
    -------
    Hierarchy
        A hierarchy of text, or of whole numbers that lost their leading zero: commune, département ("44", "2A", "971"),
        région as of 2016 ("Bretagne"), or the collectivity overseas.

    Raises
    ------
    ArgumentError
        If the file is not such a list; when used, if a value is no INSEE code, such as a postal code of Corsica (20...)
        or Paris (75001 to 75020), one that ends in 000, or a place abroad (99...). Other postal codes cannot be told
        from INSEE codes without the list.

    Notes
    -----
    INSEE, "Code officiel géographique"; loi 2015-29 for the régions.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> kh.hierarchy.french_communes().levels(pl.Series(["44109", "2A004", "97411"])).rows()
    [('2A004', '2A', 'Corse', '*'), ('44109', '44', 'Pays de la Loire', '*'), ('97411', '974', 'La Réunion', '*')]
    """
    return FrenchCommunes(top=top) if path is None else _listed(path, top=top)


def _listed(path: str | Path, *, top: bool) -> Hierarchy:
    with open(path, newline="", encoding="utf-8-sig") as file:  # noqa: PTH123 - path may be a text
        reader = csv.DictReader(file)
        names = {name.upper(): name for name in reader.fieldnames or []}
        if not {"COM", "COMPARENT"} <= set(names):
            raise ArgumentError(
                f"{path} has no columns COM and COMPARENT: take the list of communes of INSEE's Code officiel "
                "géographique"
            )
        pairs = [(row[names["COM"]], row[names["COMPARENT"]] or row[names["COM"]]) for row in reader]
    frame = pl.DataFrame(pairs, schema=["code", "commune"], orient="row")
    # A commune that took in others is listed twice, as itself and as a part of itself.
    own = (pl.col("code") == pl.col("commune")).alias("own")
    frame = frame.sort(own, descending=True, maintain_order=True).unique("code", keep="first", maintain_order=True)
    place = _with_region(frame["commune"])
    checks.refuse(
        frame["commune"].filter(place["région"].is_null()), f"{path} has codes that are none of INSEE's", REMEDY
    )
    table = frame.with_columns(place["département"], place["région"])
    return Table(table.sort("code"), ("code", "commune", "département", "région"), top=top)
