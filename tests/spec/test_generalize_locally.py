"""Local recoding by hierarchies: each class only as far as it needs."""

import kohort as kh
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

AGES = kh.hierarchy.intervals(10, 20, 40)
HIERARCHIES = {"age": AGES, "sex": kh.hierarchy.suppress()}


@given(
    st.lists(st.tuples(st.integers(0, 79), st.sampled_from("FM"), st.sampled_from("abc")), min_size=1, max_size=40),
    st.integers(1, 4),
)
def test_every_class_is_safe_and_rows_keep_their_places(people, k):
    df = pl.DataFrame(people, schema=["age", "sex", "illness"], orient="row")
    models = [kh.KAnonymity(k), kh.LDiversity("illness", 2)]
    local = kh.generalize_locally(df, HIERARCHIES, models=models, max_suppression=1)
    kept = local.frame.filter(pl.col("age").is_not_null())
    assert kept.height == df.height - local.suppressed == local.rounds["rows"].sum()
    assert local.frame["illness"].to_list() == df["illness"].to_list()
    if kept.height:
        assert kh.k_anonymity(kept, ["age", "sex"]) >= k
        assert kh.l_diversity(kept, ["age", "sex"], "illness") >= 2
    levels = AGES.levels(df["age"])
    for age, to in zip(df["age"], local.frame["age"], strict=True):
        row = levels.filter(pl.col("0") == age).cast(pl.String).row(0)
        assert to is None or to in row


def test_less_is_lost_than_at_the_same_levels_for_all():
    df = pl.DataFrame({"age": [31, 34, 38, 52, 71, 88]})
    hierarchies = {"age": kh.hierarchy.intervals(10, 50)}
    same = kh.anonymize(df, hierarchies, models=kh.KAnonymity(3))
    local = kh.generalize_locally(df, hierarchies, models=kh.KAnonymity(3))
    assert same.frame["age"].n_unique() == 2
    assert local.frame["age"].to_list() == ["[30, 40["] * 3 + ["[50, 100["] * 3
    assert local.rounds.rows() == [(1, 3), (2, 3)]
    assert "downcoding" in repr(local)


def test_pandas_keeps_its_index():
    df = (
        pl.DataFrame({"age": [31, 34, 38, 52, 71, 88]}).to_pandas().set_index(pl.Series([5, 3, 1, 9, 8, 7]).to_pandas())
    )
    local = kh.generalize_locally(df, {"age": kh.hierarchy.intervals(10, 50)}, models=kh.KAnonymity(3))
    assert local.frame.index.tolist() == [5, 3, 1, 9, 8, 7]


def test_refusals():
    df = pl.DataFrame({"age": [31, 34, 38], "illness": ["a", "b", "c"]})
    ages = {"age": kh.hierarchy.intervals(10)}
    with pytest.raises(kh.ArgumentError, match="compares a class with more than itself"):
        kh.generalize_locally(df, ages, models=kh.TCloseness("illness", 0.2))
    with pytest.raises(kh.DisclosureError, match="stay unsafe after"):
        kh.generalize_locally(df, ages, models=kh.KAnonymity(4))
    with pytest.raises(kh.ArgumentError, match="rounds"):
        kh.generalize_locally(df, ages, models=kh.KAnonymity(2), rounds=0)
