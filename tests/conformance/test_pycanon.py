"""All measures of pyCANON's fourteen data sets, and Adult's classes over the lattice of ARX's hierarchies.

The reference values were recomputed independently of pyCANON from the published definitions. Both agree but for
recursive diversity and enhanced beta-likeness, which pyCANON defines otherwise, and the entropy l, which it rounds
down.
"""

import csv
import gzip
import json
import math

import kohort as kh
import polars as pl
import pytest

NAMES = [
    "adult_anonymized_3",
    "adult_anonymized_10",
    "adult_anonymized_20",
    "StudentsMath_Score",
    "StudentsMath_Score_k2",
    "StudentsMath_Score_k5",
    "StudentsMath_Score_k7",
    "drug_type",
    "drugs_k5",
    "healthcare-dataset-stroke-data",
    "stroke_k2",
    "stroke_k5",
    "stroke_k10",
    "stroke_k25",
]


@pytest.fixture
def cases(shared):
    listed = json.loads(shared("data/microdata/pycanon/pycanon_cases.json").read_text())
    assert sorted(case["file"] for case in listed) == sorted(NAMES)
    return {case["file"]: case for case in listed}


@pytest.mark.parametrize("name", NAMES)
def test_k_and_distinct_l(cases, shared, name):
    case = cases[name]
    df = pl.read_csv(shared(f"data/microdata/pycanon/data/{name}.csv"), infer_schema_length=None)
    assert df.height == case["rows"]
    report = kh.risk_report(df, case["qi"], sensitive=case["sa"], k=2)
    expected = case["reference"]
    assert kh.k_anonymity(df, case["qi"]) == report.k == expected["k"]
    assert report.k == case["pycanon"]["k_anonymity"]["value"]
    assert report.classes == expected["n_classes"]
    assert min(report.l.values()) == expected["l_distinct"] == case["pycanon"]["l_diversity"]["value"]
    assert report.prosecutor_mean == pytest.approx(expected["prosecutor_avg"], rel=1e-12)
    assert round(report.unique_share * report.rows) == expected["uniques"]


@pytest.mark.parametrize("name", NAMES)
def test_all_measures(cases, shared, name):
    case = cases[name]
    df = pl.read_csv(shared(f"data/microdata/pycanon/data/{name}.csv"), infer_schema_length=None)
    qi, (sensitive,) = case["qi"], case["sa"]
    expected, pycanon = case["reference"], {key: entry["value"] for key, entry in case["pycanon"].items()}

    def same(value):
        return pytest.approx(value, rel=1e-9, abs=1e-12)

    alpha, k = kh.alpha_k(df, qi, sensitive)
    assert (alpha, k) == (same(expected["alpha"]), expected["k"])
    assert [alpha, k] == same(pycanon["alpha_k_anonymity"])
    least = kh.l_diversity(df, qi, sensitive)
    assert least == expected["l_distinct"]
    entropy = kh.l_diversity(df, qi, sensitive, kind="entropy")
    assert entropy == same(expected["l_entropy_exp"])
    assert int(entropy + 1e-9) == pycanon["entropy_l_diversity"]
    if least > 1:
        c = kh.recursive_diversity(df, qi, sensitive, l=least)
        assert c == same(expected["recursive_c_required_gt"])
    assert kh.recursive_diversity(df, qi, sensitive, l=least + 1) == math.inf
    t = kh.t_closeness(df, qi, sensitive, ordered=expected["t_is_ordered_emd"])
    assert t == same(expected["t"])
    assert t == same(pycanon["t_closeness"])
    in_nats = kh.delta_disclosure(df, qi, sensitive, base=math.e)
    assert in_nats == same(expected["delta_ln"])
    assert in_nats == same(pycanon["delta_disclosure"])
    assert kh.delta_disclosure(df, qi, sensitive) == same(expected["delta_log2"])
    beta = kh.beta_likeness(df, qi, sensitive)
    assert beta == same(expected["beta_basic"])
    assert beta == same(pycanon["basic_beta_likeness"])
    enhanced = kh.beta_likeness(df, qi, sensitive, enhanced=True)
    assert enhanced == same(math.inf if expected["beta_enhanced"] is None else expected["beta_enhanced"])


def test_adult_over_the_lattice(shared):
    folder = shared("data/microdata/arx/data")
    adult = pl.read_csv(folder / "adult.csv", separator=";", infer_schema=False)
    with gzip.open(shared("data/microdata/arx/adult_lattice_9qi.csv.gz"), "rt") as file:
        nodes = list(csv.DictReader(file))
    levels = {}
    for column in adult.columns:
        with (folder / f"adult_hierarchy_{column}.csv").open() as file:
            levels[column] = {row[0]: row for row in csv.reader(file, delimiter=";")}
    for node in [nodes[0], *nodes[1::1297]]:
        generalized = adult.select(
            pl.col(c).replace_strict({leaf: row[int(node[f"g_{c}"])] for leaf, row in levels[c].items()})
            for c in adult.columns
        )
        report = kh.risk_report(generalized, adult.columns, k=11)
        sizes = report.records()["class_size"]
        assert report.rows == 30_162
        assert (report.classes, report.k) == (int(node["n_classes"]), int(node["min_size"]))
        assert round(report.below_share * report.rows) == int(node["rows_lt11"])
        assert int(sizes.sum()) == int(node["sum_sq"])
