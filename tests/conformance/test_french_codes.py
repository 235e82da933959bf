"""ICD-10-FR, ATC as in the French drug catalogue, and INSEE's communes: every code has its place."""

import gzip

import kohort as kh
import polars as pl

H = kh.hierarchy


def read(path, encoding="utf8"):
    data = path.read_bytes()
    data = gzip.decompress(data) if path.suffix == ".gz" else data
    return pl.read_csv(data, separator=";", infer_schema=False, truncate_ragged_lines=True, encoding=encoding)


def test_communes_of_insee(shared):
    communes = read(shared("data/snds/geo/communes.csv.gz"))
    table = H.french_communes().levels(communes["code_insee"])
    both = communes.join(table, left_on="code_insee", right_on="0")
    assert both.height == communes.height > 35_000
    assert both.filter(pl.col("1") != pl.col("departement")).height == 0
    # One name for each of INSEE's 18 régions, and for each of the 8 collectivities.
    pairs = both.select("region", "2").unique()
    assert pairs.height == pairs["region"].n_unique() == pairs["2"].n_unique() == 26


def test_regions_have_their_names(shared):
    names = pl.read_json(shared("data/snds/geo/regions.json"))
    places = pl.read_json(shared("data/snds/geo/departements.json")).join(names, left_on="region", right_on="code")
    for code, name in places.select("code", "nom_right").rows():
        commune = {"75": "75056"}.get(code, f"{code}001"[:3].ljust(5, "1") if len(code) == 3 else f"{code}001")
        assert H.french_communes(top=False).levels(pl.Series([commune])).row(0)[2] == name


def test_former_communes_keep_their_place(shared):
    former = read(shared("data/snds/geo/communes_historiques.csv.gz"))
    assert H.french_communes().levels(former["code_insee"]).height == former["code_insee"].n_unique()


def test_every_code_of_icd10_fr(shared):
    codes = read(shared("data/snds/nomenclatures/IR_CIM_V.csv"))
    codes = codes.filter(pl.col("CIM_COD").str.contains(r"^[A-Z]\d"))
    table = H.icd10().levels(codes["CIM_COD"])
    assert table.height > 18_000
    assert [table[level].n_unique() for level in "1234"] == [2056, 264, 22, 1]
    # The table's own column of categories.
    own = codes.join(table, left_on="CIM_COD", right_on="0").filter(pl.col("CAT_CIM_COD").str.len_chars() == 3)
    assert own.filter(pl.col("CAT_CIM_COD") != pl.col("1")).height == 0


def test_the_codes_of_drugs(shared):
    drugs = read(shared("data/snds/drugs/IR_PHA_R_subset.csv.gz"))
    codes = drugs["PHA_ATC_C07"].drop_nulls()
    codes = codes.filter(codes.str.contains(r"^[A-Z]\d\d[A-Z]{2}\d\d$") & ~codes.str.contains("^[QZ]"))
    assert H.atc().levels(codes).height == codes.n_unique() > 500
