"""What `kh.anonymize` refuses: one clear error each, before work starts."""

import math
import time

import kohort as kh
import pandas as pd
import polars as pl
import pytest

H = kh.hierarchy
DF = pl.DataFrame(
    {
        "age": [31, 34, 52, 55],
        "sex": ["F", "F", "M", "M"],
        "icd10": ["C67", "I10", "I10", None],
        "height": [1.6, math.nan, 1.8, None],
        "codes": [["a"], ["b"], [], ["c"]],
    }
)
AGE = {"age": H.intervals(10)}
K = kh.KAnonymity(2)


def refused(df=DF, quasi_identifiers=AGE, *, models=K, error=kh.ArgumentError, **options) -> str:
    with pytest.raises(error) as found:
        kh.anonymize(df, quasi_identifiers, models=models, **options)
    assert "\n" not in str(found.value)
    return str(found.value)


@pytest.mark.parametrize("convert", [pl.DataFrame, pl.DataFrame.lazy, pl.DataFrame.to_arrow, lambda df: df.to_pandas()])
def test_columns(convert):
    df = convert(DF)
    assert "no column 'agee'; the nearest names are 'age'" in refused(df, {"agee": H.intervals(10)})
    assert "no column 'icd9'" in refused(df, models=[K, kh.LDiversity("icd9", 2)])
    assert "give it one role" in refused(df, {"icd10": H.icd10()}, models=kh.LDiversity("icd10", 2))
    assert "empty" in refused(df, {})


def test_values_that_cannot_be_compared_or_generalized():
    assert "no single value per row" in refused(quasi_identifiers={"codes": H.suppress()})
    assert "no single value per row" in refused(DF.lazy(), {"codes": H.suppress()})
    found = refused(quasi_identifiers={"height": H.intervals(0.1)})
    assert "'height'" in found
    assert "NaN" in found
    assert "'sex'" in refused(quasi_identifiers={"sex": H.intervals(10)})
    found = refused(quasi_identifiers={"sex": H.from_table({"F": ["any"]})})
    assert "column 'sex'" in found
    assert "'M'" in found


def test_hierarchies():
    with pytest.raises(kh.ArgumentError, match="empty"):
        H.from_table({})
    assert "needs a hierarchy from kohort.hierarchy, got list" in refused(quasi_identifiers={"age": [5, 10]})
    assert "how each column is generalized" in refused(quasi_identifiers=["age"])
    assert "column names" in refused(quasi_identifiers={3: H.suppress()})


@pytest.mark.parametrize("share", [-0.1, 1.01, math.nan, True, "2%", None])
def test_max_suppression(share):
    assert "max_suppression must be a number from 0 to 1" in refused(max_suppression=share)


@pytest.mark.parametrize("limit", [-1, math.nan, math.inf, "1s"])
def test_time_limit(limit):
    assert "time_limit must be" in refused(time_limit=limit)


def test_utility():
    assert "'discernibility'" in refused(utility="beauty")
    with pytest.raises(kh.ArgumentError, match="'rank'"):
        kh.Utility("loss", aggregate="median")
    assert "'sex'" in refused(utility=kh.Utility("loss", weights={"sex": 2}))
    assert "all weights are 0" in refused(utility=kh.Utility("loss", weights={"age": 0}))


def test_models():
    assert "models is empty" in refused(models=[])
    assert "got int" in refused(models=2)
    assert "got str" in refused(models=[K, "l-diversity"])
    with pytest.raises(kh.ArgumentError, match="k must be"):
        kh.KAnonymity(0)
    other = pl.DataFrame({"sex": ["F"]})
    assert "no column 'age'" in refused(models=kh.KMap(2, other))
    two = [kh.KMap(2, DF), kh.DeltaPresence(0, 1, DF.clone())]
    assert "different populations" in refused(models=two)


def test_frames():
    assert "no rows" in refused(DF.head(0))
    assert "expected a frame" in refused([1, 2])
    twice = pd.DataFrame([[1, 2]], columns=["age", "age"])
    assert "several columns called 'age'" in refused(twice)
    mixed = pd.DataFrame({"age": [1, "secret-value"]}, dtype=object)
    assert "secret-value" not in refused(mixed)


def test_no_solution_says_what_to_allow():
    stubborn = {"age": H.intervals(10, top=False)}
    found = refused(quasi_identifiers=stubborn, models=kh.KAnonymity(3), error=kh.DisclosureError)
    assert "KAnonymity(k=3)" in found
    assert "max_suppression" in found
    assert "a level that is the same for all" in found
    assert "KAnonymity(k=5)" in refused(models=kh.KAnonymity(5), error=kh.DisclosureError)


def test_300_columns_are_refused_at_once():
    wide = pl.DataFrame({f"c{i}": [1, 2] for i in range(300)})
    start = time.monotonic()
    found = refused(wide, {name: H.suppress() for name in wide.columns})
    assert "300" in found
    assert time.monotonic() - start < 20


def test_a_refusal_leaves_the_frame_alone():
    df = DF.to_pandas()
    before = df.copy(deep=True)
    refused(df, {"sex": H.intervals(1)})
    pd.testing.assert_frame_equal(df, before)
