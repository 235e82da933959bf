"""ARX's own hierarchies: all load, cover their data, and are written back as they were."""

import csv

import kohort as kh
import polars as pl
import pytest

H = kh.hierarchy
ADULT = [
    "sex",
    "age",
    "race",
    "marital-status",
    "education",
    "native-country",
    "workclass",
    "occupation",
    "salary-class",
]
#: How many different values there are at each level.
SIZES = {
    "sex": [2, 1],
    "age": [100, 20, 10, 5, 1],
    "race": [5, 1],
    "marital-status": [7, 2, 1],
    "education": [16, 5, 3, 1],
    "native-country": [41, 5, 1],
    "workclass": [8, 3, 1],
    "occupation": [14, 3, 1],
    "salary-class": [2, 1],
}
OTHERS = {
    "test.csv": [
        ("age", "test_hierarchy_age"),
        ("gender", "test_hierarchy_gender"),
        ("zipcode", "test_hierarchy_zipcode"),
    ],
    "test2.csv": [
        ("Age", "test2_hierarchy_Age"),
        ("Disease", "test2_hierarchy_Disease"),
        ("ZIPCode", "test2_hierarchy_ZIPCode"),
    ],
}
CASES = [("adult.csv", column, f"adult_hierarchy_{column}") for column in ADULT]
CASES += [(data, column, name) for data, pairs in OTHERS.items() for column, name in pairs]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[2])
@pytest.mark.parametrize("as_text", [True, False], ids=["text", "typed"])
def test_covers_its_data(shared, tmp_path, case, as_text):
    data, column, name = case
    folder = shared("data/microdata/arx/data")
    path = folder / f"{name}.csv"
    values = pl.read_csv(folder / data, separator=";", infer_schema=not as_text)[column]
    hierarchy = H.from_csv(path)
    table = hierarchy.levels(values)
    with path.open(newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    # The rows of the file, in its order: also leaves that the data lack, and no level that it lacks.
    assert table.cast(pl.String).rows() == [tuple(row) for row in rows]
    assert table.schema["0"] == values.dtype
    if data == "adult.csv":
        assert [table[level].n_unique() for level in table.columns] == SIZES[column]
    hierarchy.to_csv(tmp_path / "copy.csv")
    assert H.from_csv(tmp_path / "copy.csv") == hierarchy


def test_the_ages_are_intervals(shared):
    """ARX's bands are ours from 1 on; it calls those of 1 to 5 "0-4"."""
    ages = pl.Series(range(1, 101))
    arx = H.from_csv(shared("data/microdata/arx/data") / "adult_hierarchy_age.csv").levels(ages)
    ours = H.intervals(5, 10, 20, origin=1).levels(ages)
    for level in "123":
        pairs = pl.DataFrame([arx[level].alias("arx"), ours[level].alias("ours")]).unique()
        assert pairs.height == pairs["arx"].n_unique() == pairs["ours"].n_unique()


def test_the_zip_codes_are_redacted(shared):
    arx = H.from_csv(shared("data/microdata/arx/data") / "test2_hierarchy_ZIPCode.csv")
    leaves = arx.levels(pl.Series([47677]))["0"]
    assert H.redaction(top=False).levels(leaves).equals(arx.levels(leaves).sort("0"))
