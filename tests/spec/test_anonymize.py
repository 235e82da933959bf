"""What a user expects of `kh.anonymize`: the same kind of frame back, each value where it belongs, models fulfilled."""

import doctest
import importlib
import json
from datetime import date
from pathlib import Path

import duckdb
import kohort as kh
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

H = kh.hierarchy
PATIENTS = pl.DataFrame(
    {
        "id": range(8),
        "age": [57, 31, 27, 52, 38, 55, 90, 33],
        "sex": ["F", "F", "M", "F", "M", "F", "M", "F"],
        "icd10": ["C67", "I10", "I10", "E11", "C67", "I10", "E11", None],
        "note": [[1], [2], [], [3], None, [4], [5], [6]],
    }
)
QI = {"age": H.intervals(10, 20), "sex": H.suppress()}
#: One row is suppressed: the man of 90.
EXPECTED = {
    "age": ["[40, 60[", "[20, 40[", "[20, 40[", "[40, 60[", "[20, 40[", "[40, 60[", None, "[20, 40["],
    "sex": ["F", "F", "M", "F", "M", "F", None, "F"],
}


def anonymized(df, **options):
    return kh.anonymize(df, QI, **{"models": kh.KAnonymity(2), "max_suppression": 0.2, **options})


def polars_of(frame) -> pl.DataFrame:
    if isinstance(frame, duckdb.DuckDBPyRelation):
        frame = frame.to_arrow_table()
    if isinstance(frame, pd.DataFrame):
        return pl.from_pandas(frame)
    return frame.collect() if isinstance(frame, pl.LazyFrame) else pl.DataFrame(frame)


def test_every_value_becomes_what_its_hierarchy_says():
    safe = anonymized(PATIENTS)
    assert dict(safe.transformation) == {"age": 2, "sex": 0}
    assert safe.frame.select(*QI).to_dict(as_series=False) == EXPECTED
    assert (safe.suppressed, safe.suppressed_share) == (1, 1 / 8)
    assert safe.is_optimal
    assert safe.gap == 0
    assert (safe.risk_before.k, safe.risk_after.k) == (1, 2)


def test_the_same_kind_of_frame_comes_back(tmp_path: Path):
    flat = PATIENTS.drop("note")
    table = flat.to_arrow()
    pq.write_table(table, tmp_path / "patients.parquet")
    kinds = [
        (flat, pl.DataFrame),
        (flat.lazy(), pl.LazyFrame),
        (flat.to_pandas(), pd.DataFrame),
        (flat.to_pandas().convert_dtypes(dtype_backend="pyarrow"), pd.DataFrame),
        (table, pa.Table),
        (table.to_batches()[0], pa.RecordBatch),
        (table.to_reader(), pa.RecordBatchReader),
        (duckdb.from_arrow(table), duckdb.DuckDBPyRelation),
        (tmp_path / "patients.parquet", pl.DataFrame),
        (str(tmp_path / "patients.parquet"), pl.DataFrame),
    ]
    for df, kind in kinds:
        safe = anonymized(df)
        assert isinstance(safe.frame, kind), kind
        frame = polars_of(safe.frame)
        assert frame.select(*QI).to_dict(as_series=False) == EXPECTED, kind
        assert frame.columns == flat.columns
        assert frame["id"].to_list() == list(range(8))
        assert frame["icd10"].to_list() == flat["icd10"].to_list()
        records = safe.records()
        assert isinstance(records, kind)
        assert polars_of(records)["suppressed"].to_list() == [False] * 6 + [True, False]


def test_columns_that_are_not_touched_keep_their_types():
    typed = PATIENTS.with_columns(
        pl.col("id").cast(pl.UInt16), pl.col("icd10").cast(pl.Categorical), day=pl.lit(date(2020, 1, 1))
    )
    frame = anonymized(typed).frame
    assert frame.select("id", "icd10", "note", "day").equals(typed.select("id", "icd10", "note", "day"))
    assert frame.schema == {**typed.schema, "age": pl.String}
    assert PATIENTS["age"].dtype == pl.Int64, "the input is not changed"


def test_a_pandas_index_is_never_a_position():
    df = PATIENTS.drop("note").to_pandas()
    df.index = pd.Index([7, 3, 3, 1, 0, 2, 9, "x"], name="who")
    df["unused"] = np.arange(8, dtype="int8")
    before = df.copy(deep=True)
    for rows in (df, df.iloc[::-1], df[df["age"] != 57]):
        frame = anonymized(rows).frame
        assert frame.index.equals(rows.index)
        expected = pd.DataFrame(EXPECTED)["age"].set_axis(df["id"])[rows["id"]]
        assert [None if pd.isna(v) else v for v in frame["age"]] == [None if pd.isna(v) else v for v in expected]
        assert frame["unused"].dtype == "int8"
        assert frame["id"].tolist() == rows["id"].tolist()
    pd.testing.assert_frame_equal(df, before)


def test_whole_numbers_of_pandas_that_stay_at_level_0():
    df = pd.DataFrame({"year": [1950, 1950, 1960, 1970], "x": [1, 2, 3, 4]}, index=[4, 3, 2, 1])
    safe = kh.anonymize(df, {"year": H.intervals(100, 1000)}, models=kh.KAnonymity(2), max_suppression=0.5)
    assert safe.transformation["year"] == 0
    assert safe.frame["year"].tolist()[:2] == [1950, 1950]
    assert safe.frame["year"].isna().tolist() == [False, False, True, True]
    assert pd.api.types.is_integer_dtype(safe.frame["year"])
    unsuppressed = kh.anonymize(df, {"year": H.intervals(100)}, models=kh.KAnonymity(1))
    assert unsuppressed.frame["year"].dtype == df["year"].dtype


def test_missing_values_are_a_value_of_their_own_and_stay_missing():
    df = pl.DataFrame({"age": [None, 31, 33, None, 38], "sex": ["F", None, None, "F", None]})
    safe = kh.anonymize(df, QI, models=kh.KAnonymity(2))
    assert dict(safe.transformation) == {"age": 1, "sex": 0}
    assert safe.frame["age"].to_list() == [None, "[30, 40[", "[30, 40[", None, "[30, 40["]
    assert safe.frame["sex"].to_list() == df["sex"].to_list()
    alone = kh.anonymize(df.head(2), QI, models=kh.KAnonymity(2))
    assert alone.frame.rows() == [("*", "*"), ("*", "*")], "until everything is the same"
    lacking = pl.DataFrame({"age": [None, None, None]})
    assert kh.anonymize(lacking, {"age": H.intervals(10)}, models=kh.KAnonymity(3)).transformation["age"] == 0


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum(["z", "b1", "a2", "a1"])])
def test_categories(dtype):
    df = pl.DataFrame({"code": pl.Series(["a1", "a2", "b1", "b1"], dtype=dtype)})
    safe = kh.anonymize(df, {"code": H.prefixes(1)}, models=kh.KAnonymity(2))
    assert safe.frame["code"].to_list() == ["a", "a", "b", "b"]
    untouched = kh.anonymize(
        df, {"code": H.prefixes(1)}, models=kh.KAnonymity(2), max_suppression=0.5, utility="height"
    )
    assert untouched.frame["code"].dtype == dtype
    assert untouched.frame["code"].to_list() == [None, None, "b1", "b1"]


def test_dates_and_booleans():
    df = pl.DataFrame(
        {
            "born": [date(1950, 1, 3), date(1950, 9, 2), date(1961, 5, 6), date(1962, 5, 6)],
            "dead": [True, True, False, False],
        }
    )
    hierarchies = {"born": H.dates("month", "year", "10 years"), "dead": H.suppress()}
    safe = kh.anonymize(df, hierarchies, models=kh.KAnonymity(2))
    assert safe.frame.rows() == [("1950-1959", True)] * 2 + [("1960-1969", False)] * 2


def test_one_row_all_equal_all_unique():
    one = kh.anonymize(PATIENTS.head(1), QI, models=kh.KAnonymity(1))
    assert one.frame.equals(PATIENTS.head(1))
    gone = kh.anonymize(PATIENTS.head(1), QI, models=kh.KAnonymity(2), max_suppression=1)
    assert gone.frame.select(*QI).rows() == [(None, None)]
    assert gone.risk_after is None
    equal = pl.DataFrame({"age": [40] * 50, "sex": ["F"] * 50})
    same = kh.anonymize(equal, QI, models=kh.KAnonymity(50))
    assert same.frame.equals(equal)
    assert same.loss == 0
    unique = pl.DataFrame({"age": range(100), "sex": ["F", "M"] * 50})
    safe = kh.anonymize(unique, QI, models=kh.KAnonymity(20))
    assert kh.k_anonymity(safe.frame, ["age", "sex"]) >= 20


def test_several_models_hold_together():
    safe = anonymized(PATIENTS, models=[kh.KAnonymity(2), kh.LDiversity("icd10", 2), kh.TCloseness("icd10", 0.6)])
    kept = safe.frame.filter(pl.col("sex").is_not_null())
    assert kh.k_anonymity(kept, list(QI)) >= 2
    assert kh.l_diversity(kept, list(QI), "icd10") >= 2
    assert safe.frame["icd10"].to_list() == PATIENTS["icd10"].to_list(), "what is sensitive stays as it is"
    assert set(safe.risk_after.l) == {"icd10"}


def test_models_with_a_population():
    population = pl.concat([PATIENTS, PATIENTS.with_columns(pl.col("age") + 1)])
    safe = kh.anonymize(PATIENTS, QI, models=kh.KMap(3, population), max_suppression=0.2)
    kept = safe.frame.filter(pl.col("sex").is_not_null())
    assert kh.k_map(kept, list(QI), safe.apply(population, unseen="keep")) >= 3
    present = kh.anonymize(PATIENTS, QI, models=kh.DeltaPresence(0, 0.5, population))
    assert present.suppressed == 0
    assert set(present.transformation) == set(QI)


def test_weights_and_suppression_weight_turn_the_choice():
    df = pl.DataFrame({"a": [1, 1, 2, 2], "b": [1, 2, 1, 2]})
    both = {"a": H.suppress(), "b": H.suppress()}
    for heavy, light in (("a", "b"), ("b", "a")):
        safe = kh.anonymize(df, both, models=kh.KAnonymity(2), utility=kh.Utility("loss", weights={heavy: 5}))
        assert (safe.transformation[heavy], safe.transformation[light]) == (0, 1)


def test_a_time_limit_gives_a_safe_frame_and_a_gap():
    safe = anonymized(PATIENTS, time_limit=30)
    assert safe.is_optimal
    wide = pl.DataFrame({f"c{i}": [1, 2, 3, 4] * 5 for i in range(12)} | {"d": range(20)})
    hierarchies = {name: H.intervals(2, 4, 8) for name in wide.columns}
    hurried = kh.anonymize(wide, hierarchies, models=kh.KAnonymity(3), max_suppression=0.3, time_limit=0.01)
    assert kh.k_anonymity(hurried.frame.filter(~hurried.records()["suppressed"]), wide.columns) >= 3
    assert 0 <= hurried.gap <= 1
    assert hurried.is_optimal == (hurried.gap == 0)


def test_later_rows_become_what_the_first_ones_did():
    safe = anonymized(PATIENTS)
    assert safe.apply(PATIENTS).select(*QI).to_dict(as_series=False) == EXPECTED
    later = pd.DataFrame({"sex": ["M", "F", "F"], "age": [21, 44, 70], "extra": [1, 2, 3]}, index=[9, 9, 4])
    applied = safe.apply(later)
    assert applied.index.equals(later.index)
    assert applied["extra"].tolist() == [1, 2, 3]
    assert [None if pd.isna(v) else v for v in applied["age"]] == ["[20, 40[", "[40, 60[", None], "70 is no class yet"
    assert safe.apply(later, unseen="keep")["age"].tolist() == ["[20, 40[", "[40, 60[", "[60, 80["]
    with pytest.raises(kh.ArgumentError, match="unseen"):
        safe.apply(later, unseen="guess")
    with pytest.raises(kh.ArgumentError, match="'age'"):
        safe.apply(later.drop(columns="age"))


def test_later_rows_may_be_of_other_types():
    safe = kh.anonymize(
        pl.DataFrame({"year": [1950, 1950, 1960, 1960], "sex": ["F", "F", "M", "M"]}),
        {"year": H.intervals(10), "sex": H.suppress()},
        models=kh.KAnonymity(2),
    )
    assert dict(safe.transformation) == {"year": 0, "sex": 0}
    later = pl.DataFrame({"year": [1950, 1970], "sex": ["F", "F"]})
    for year, sex in ((pl.Int16, pl.Categorical), (pl.Float64, pl.Enum(["F", "M"])), (pl.UInt64, pl.String)):
        applied = safe.apply(later.with_columns(pl.col("year").cast(year), pl.col("sex").cast(sex)))
        assert applied.rows() == [(1950, "F"), (None, None)]
        assert applied.dtypes == [year, sex]


def test_a_transformation_travels_as_json():
    safe = anonymized(PATIENTS)
    saved = json.loads(json.dumps(safe.transformation.to_dict()))
    read = kh.Transformation.from_dict(saved)
    assert read == safe.transformation
    with pytest.raises(kh.ArgumentError, match="which classes were released is not saved"):
        read.apply(PATIENTS)
    assert read.apply(PATIENTS, unseen="keep")["age"].to_list()[:6] == EXPECTED["age"][:6]
    assert json.loads(json.dumps(safe.to_dict()))["k_after"] == 2


def test_what_it_says_of_itself():
    safe = anonymized(PATIENTS)
    text = repr(safe)
    assert "KAnonymity(k=2)" in text
    assert "12.5% of rows suppressed" in text
    assert safe.to_polars().rows()[0][:4] == ("age", 2, 3, "bands of 20")
    seen = safe.lattice()
    assert seen.filter(age=2, sex=0)["safe"].to_list() == [True]
    assert seen.height <= safe.search.counted <= safe.search.nodes == 8


def test_the_page_on_k_anonymity(request):
    page = request.config.rootpath / "docs" / "k-anonymity.md"
    assert doctest.testfile(str(page), module_relative=False).failed == 0


@pytest.mark.parametrize(
    "name", ["anonymize", "anonymized", "report", "risk", "accessors", "transformation", "utility"]
)
def test_examples_in_docstrings(name):
    assert doctest.testmod(importlib.import_module(f"kohort.microdata.{name}")).failed == 0
