"""Models of privacy on examples whose figures are worked out by hand or printed in the papers."""

import doctest
import importlib
import math

import kohort as kh
import polars as pl
import pytest

# Li, Li and Venkatasubramanian 2007, table 3: the original table and its 3-diverse version.
SALARIES = pl.DataFrame(
    {
        "zip": ["476**"] * 3 + ["4790*"] * 3 + ["476**"] * 3,
        "age": ["2*"] * 3 + [">=40"] * 3 + ["3*"] * 3,
        "salary": [3, 4, 5, 6, 11, 8, 7, 9, 10],
        "disease": [
            "ulcer",
            "gastritis",
            "cancer",
            "gastritis",
            "flu",
            "bronchitis",
            "bronchitis",
            "pneumonia",
            "cancer",
        ],
    }
)


def test_distances_of_the_paper_on_closeness():
    """The paper gives 0.375 for {3k,4k,5k} and 0.167 for {6k,8k,11k}."""
    assert kh.t_closeness(SALARIES, ["zip", "age"], "salary", ordered=True) == pytest.approx(0.375)
    # {6k,8k,11k} against all nine salaries: the others in classes as far away or nearer.
    spread = SALARIES.with_columns(q=pl.col("salary").is_in([6, 8, 11]))
    others = pl.concat([spread.filter("q"), *[spread.filter(~pl.col("q"))] * 1])
    assert kh.t_closeness(others, "q", "salary", ordered=True) == pytest.approx(1 / 6)


@pytest.mark.parametrize("rows", [46_340, 100_000, 200_000])
def test_homogeneous_classes_of_large_frames_are_far_from_the_whole(rows):
    """ARX passes them above 46,340 rows, for its sums of 32 bits wrap around."""
    half = rows // 2
    df = pl.DataFrame({"q": [0, 1], "s": ["a", "b"]}).select(pl.all().repeat_by(half).explode())
    tree = pl.DataFrame({"s": ["a", "b"], "1": ["*", "*"]})
    assert kh.t_closeness(df, "q", "s", hierarchy=tree) == 0.5
    assert kh.t_closeness(df, "q", "s") == kh.t_closeness(df, "q", "s", ordered=True) == 0.5


@pytest.mark.parametrize(
    ("df", "t"),
    [
        (pl.DataFrame({"q": [1], "s": ["a"]}), 0.0),
        (pl.DataFrame({"q": [1] * 4, "s": ["a"] * 4}), 0.0),
        (pl.DataFrame({"q": [1, 2, 3, 4], "s": ["a", "b", "c", "d"]}), 0.75),
        (pl.DataFrame({"q": [1, 2], "s": pl.Series([None, None], dtype=pl.Null)}), 0.0),
    ],
)
def test_one_row_all_equal_all_different(df, t):
    assert kh.t_closeness(df, "q", "s") == t
    assert kh.l_diversity(df, "q", "s") == 1
    assert kh.l_diversity(df, "q", "s", kind="entropy") == 1.0
    assert kh.recursive_diversity(df, "q", "s", l=2) == math.inf
    assert kh.alpha_k(df, "q", "s")[0] == 1.0
    assert kh.k_map(df, "q", population=df) == kh.k_anonymity(df, "q")
    assert kh.delta_presence(df, "q", population=df) == (1.0, 1.0)


def test_counts_of_the_paper_on_diversity():
    """With counts 6, 3, 1: c must exceed 6 / (3 + 1) for l = 2 and 6 / 1 for l = 3."""
    df = pl.DataFrame({"q": ["x"] * 10, "s": ["a"] * 6 + ["b"] * 3 + ["c"]})
    assert [kh.recursive_diversity(df, "q", "s", l=l) for l in (1, 2, 3, 4)] == [0.6, 1.5, 6.0, math.inf]  # noqa: E741


def test_a_published_transaction_table():
    """Terrovitis, Mamoulis and Kalnis 2008, figure 1: a1 and a2 together name a single person."""
    bought = {"t1": ["a1", "b1", "b2"], "t2": ["a2", "b1"], "t3": ["a2", "b1", "b2"], "t4": ["a1", "a2", "b2"]}
    df = pl.DataFrame([(t, item) for t, items in bought.items() for item in items], schema=["id", "item"], orient="row")
    report = kh.km_anonymity(df, person="id", code="item", m=2, k=2)
    assert (report.k, report.passes, report.offending) == (1, False, (0, 2))
    merged = df.with_columns(pl.col("item").str.head(1)).unique()
    assert kh.km_anonymity(merged, person="id", code="item", m=2, k=2).passes


def test_closeness_in_a_hierarchy_of_kohort():
    """Two of four codes of one block: half of the rows are moved within chapter C, and half of these to chapter I."""
    df = pl.DataFrame({"q": [1, 1, 2, 2], "icd10": ["C670", "C679", "C500", "I10"]})
    hierarchy = kh.hierarchy.prefixes(3, 1)
    # Level by level below the root: 2/4 of the codes, 2/4 of the categories and 1/4 of the chapters must change.
    assert kh.t_closeness(df, "q", "icd10", hierarchy=hierarchy) == pytest.approx((0.5 + 0.5 + 0.25) / 3)
    numbers = pl.DataFrame({"q": [1, 1, 2, 2], "age": [20, 21, 34, None]})
    figure = kh.t_closeness(numbers, "q", "age", hierarchy=kh.hierarchy.intervals(10))
    assert figure == pytest.approx((0.5 + 0.5) / 2)


def test_models_say_what_the_core_reads():
    tree = pl.DataFrame({"s": ["a"], "1": ["*"]})
    everyone = pl.DataFrame({"q": [1]})
    assert kh.KAnonymity(5).requirement() == {"measure": "size", "threshold": 5.0}
    assert kh.LDiversity("s", 2.5, kind="entropy").requirement()["measure"] == "shannon_entropy"
    assert kh.TCloseness("s", 0.1, order=["a", "b"]).order == ("a", "b")
    assert kh.TCloseness("s", 0.1, hierarchy=tree).requirement()["measure"] == "t_hierarchical"
    assert kh.KMap(5, population=everyone).requirement() == {"model": "k_map", "k": 5}
    assert kh.KMap(5, population_size=100).requirement(rows=100)["threshold"] == 5.0
    assert kh.DeltaPresence(0, 0.5, population=everyone) == kh.DeltaPresence(0, 0.5, population=None)
    assert kh.JournalistRisk(1 / 11, population=everyone).requirement()["k"] == 11
    assert kh.ProsecutorRisk(0.09).requirement()["threshold"] == 12.0
    assert not kh.AverageRisk(0.1).holds(rows=30, classes=4)
    assert hash(kh.AlphaK("s", 0.5, 3)) == hash(kh.AlphaK("s", 0.5, 3))


def test_the_page_on_models(request):
    page = request.config.rootpath / "docs" / "models.md"
    assert doctest.testfile(str(page), module_relative=False).failed == 0


@pytest.mark.parametrize("name", ["classwise", "combinations", "models", "population", "risk", "risk_models"])
def test_examples_in_docstrings(name):
    assert doctest.testmod(importlib.import_module(f"kohort.microdata.{name}")).failed == 0
