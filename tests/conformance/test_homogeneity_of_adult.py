"""The homogeneity attack on Adult where small classes were suppressed: figures counted independently beforehand."""

import csv

import kohort as kh
import polars as pl

NODE = {"sex": 0, "age": 0, "race": 0, "marital-status": 0, "education": 2, "native-country": 1, "workclass": 1}


def test_occupation_at_a_node_with_classes_of_five_or_more(shared):
    folder = shared("data/microdata/arx/data")
    adult = pl.read_csv(folder / "adult.csv", separator=";", infer_schema=False)
    levels = {}
    for column in NODE:
        with (folder / f"adult_hierarchy_{column}.csv").open() as file:
            levels[column] = {row[0]: row for row in csv.reader(file, delimiter=";")}
    generalized = adult.select(
        *(pl.col(c).replace_strict({leaf: row[at] for leaf, row in levels[c].items()}) for c, at in NODE.items()),
        "occupation",
    )
    published = generalized.filter(pl.len().over(list(NODE)) >= 5)
    found = kh.attribute_disclosure(published, list(NODE), "occupation")
    assert found.classes == 997
    assert found.homogeneity.certain_classes == 2
    assert round(found.homogeneity.certain_share * found.rows) == 10
    # 41 persons are in classes where one occupation has more than 0.8; of five of them it is not the occupation.
    top = published.group_by(*NODE, "occupation").len().group_by(*NODE).agg(pl.col("len").max(), n=pl.col("len").sum())
    dominated = top.filter(pl.col("len") / pl.col("n") > 0.8)
    assert dominated["n"].sum() == 41
    assert round(found.homogeneity.likely_share * found.rows) == dominated["len"].sum() == 36
