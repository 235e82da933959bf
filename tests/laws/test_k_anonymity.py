"""k-anonymity against counting tuples in plain Python, for every kind of frame."""

import math
from collections import Counter, defaultdict
from datetime import date, datetime
from decimal import Decimal

import duckdb
import kohort as kh
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FAST = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))

VALUES = {
    pl.Int8: st.integers(-3, 3),
    pl.Int64: st.sampled_from([-(2**63), 2**63 - 1, 0, -1, 1, 10**15]),
    pl.UInt64: st.sampled_from([0, 1, 2**64 - 1, 2**63]),
    pl.Float64: st.sampled_from([math.nan, 0.0, -0.0, 1.5, -math.inf, 1e300]),
    pl.Float32: st.sampled_from([math.nan, 0.0, -0.0, 1.5]),
    pl.Boolean: st.booleans(),
    pl.String: st.sampled_from(
        ["", "a", "b", "é", "a longer text than fits into a view", "a longer text than fits, other"]
    ),
    pl.Binary: st.sampled_from([b"", b"\0", b"\0\0", b"x"]),
    pl.Date: st.sampled_from([date(1950, 1, 1), date(1950, 2, 1), date(2024, 2, 29)]),
    pl.Datetime("us"): st.sampled_from([datetime(1950, 1, 1), datetime(1950, 1, 1, 0, 0, 1)]),  # noqa: DTZ001
    pl.Decimal(20, 2): st.sampled_from([Decimal("1.10"), Decimal("-7.25"), Decimal(0)]),
    pl.Enum(["nobody", "f", "m", "x"]): st.sampled_from(["f", "m"]),
    pl.Categorical: st.sampled_from(["f", "m", "neither"]),
    pl.Null: st.none(),
}


@st.composite
def frames(draw, min_columns=1, max_columns=5):
    rows = draw(st.integers(1, 40))
    columns = {}
    for number in range(draw(st.integers(min_columns, max_columns))):
        kind = draw(st.sampled_from(list(VALUES)))
        cells = draw(st.lists(st.none() | VALUES[kind], min_size=rows, max_size=rows))
        columns[f"c{number}"] = pl.Series(cells, dtype=kind)
    df = pl.DataFrame(columns)
    # Sliced and in two chunks, as frames are after a filter or a concatenation.
    cut = draw(st.integers(0, rows))
    return pl.concat([df.head(cut), df.tail(rows - cut)], rechunk=False)


def cell(value):
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else value + 0.0
    return value


def keys(df, columns):
    return list(zip(*([cell(v) for v in df[c].to_list()] for c in columns), strict=True))


@FAST
@given(frames())
def test_against_counting_tuples(df):
    names = df.columns
    rows = keys(df, names)
    sizes = Counter(rows)
    report = kh.risk_report(df, names, k=3)
    assert kh.k_anonymity(df, names) == report.k == min(sizes.values())
    assert (report.rows, report.classes) == (df.height, len(sizes))
    assert report.records()["class_size"].to_list() == [sizes[row] for row in rows]
    assert report.records()["risk"].to_list() == [1 / sizes[row] for row in rows]
    assert report.unique_share == pytest.approx(sum(n == 1 for n in sizes.values()) / df.height)
    assert report.below_share == pytest.approx(sum(n for n in sizes.values() if n < 3) / df.height)
    assert report.passes == (min(sizes.values()) >= 3)
    assert report.prosecutor_max == 1 / min(sizes.values())
    assert report.prosecutor_mean == pytest.approx(sum(1 / sizes[row] for row in rows) / df.height)
    assert sum(band.rows for band in report.histogram) == df.height
    for band in report.histogram:
        inside = [n for n in sizes.values() if band.smallest <= n <= (band.largest or math.inf)]
        assert (band.classes, band.rows) == (len(inside), sum(inside))
    for column in report.columns:
        others = Counter(keys(df, [n for n in names if n != column.name]) or [()] * df.height)
        assert column.distinct == len(set(keys(df, [column.name])))
        assert column.k_without == min(others.values())
        assert column.unique_share_without == pytest.approx(sum(n == 1 for n in others.values()) / df.height)


@FAST
@given(frames(min_columns=2))
def test_distinct_l_is_the_fewest_values_in_a_class(df):
    *names, secret = df.columns
    values = defaultdict(set)
    for row, value in zip(keys(df, names), keys(df, [secret]), strict=True):
        values[row].add(value)
    assert kh.risk_report(df, names, sensitive=secret).l == {secret: min(map(len, values.values()))}


@FAST
@given(st.lists(st.tuples(st.integers(0, 2**40), st.text(max_size=3)), min_size=1, max_size=30), st.integers(8, 16))
def test_many_wide_columns_do_not_fit_into_one_key(cells, width):
    df = pl.DataFrame(
        {f"c{i}": [(a * (i + 1)) if i % 2 else f"{b}{a % (i + 1)}" for a, b in cells] for i in range(width)}
    )
    sizes = Counter(df.rows())
    assert kh.k_anonymity(df, df.columns) == min(sizes.values())
    assert kh.risk_report(df, df.columns).records()["class_size"].to_list() == [sizes[row] for row in df.rows()]


@pytest.mark.parametrize(
    ("rows", "widths"),
    [(150_000, (3, 100)), (150_000, (40, 1100, 20)), (200_000, (10**12, 10**9)), (150_000, (2**50, 2**50, 3, 2**40))],
)
def test_large_frames(rows, widths):
    row = pl.int_range(rows, eager=True).cast(pl.UInt64)
    df = pl.DataFrame({f"c{i}": (row % (rows // (2 + i))).hash(i) % width for i, width in enumerate(widths)})
    df = df.with_columns(pl.when(pl.col("c0") % 5 == 0).then(None).otherwise(pl.col("c1")).alias("c1"))
    expected = df.with_columns(pl.len().over(df.columns).alias("n"))["n"]
    assert kh.k_anonymity(df, df.columns) == expected.min()
    assert (kh.risk_report(df, df.columns).records()["class_size"] == expected).all()
    text = df.select(pl.all().cast(pl.String))
    assert (kh.risk_report(text, df.columns).records()["class_size"] == expected).all()


@pytest.fixture
def patients():
    return pl.DataFrame(
        {
            "sex": ["F", "M", "F", "F", None, "M"],
            "age": [30, 41, 30, 30, 41, 41],
            "icd10": ["C67", "I10", "I10", "C67", None, "I10"],
            "note": ["not"] * 6,
        }
    )


def test_every_kind_of_frame_comes_back_as_it_went_in(patients, tmp_path):
    table = patients.to_arrow()
    pq.write_table(table, tmp_path / "patients.parquet")

    class Capsule:
        def __arrow_c_stream__(self, requested_schema=None):
            return table.__arrow_c_stream__(requested_schema)

    kinds = [
        (patients, pl.DataFrame),
        (patients.lazy(), pl.LazyFrame),
        (patients.to_pandas(), pd.DataFrame),
        (patients.to_pandas().convert_dtypes(dtype_backend="pyarrow"), pd.DataFrame),
        (table, pa.Table),
        (table.to_batches()[0], pa.RecordBatch),
        (table.to_reader(), pa.RecordBatchReader),
        (duckdb.from_arrow(table), duckdb.DuckDBPyRelation),
        (tmp_path / "patients.parquet", pl.DataFrame),
        (str(tmp_path / "patients.parquet"), pl.DataFrame),
        (Capsule(), pl.DataFrame),
    ]
    for df, kind in kinds:
        report = kh.risk_report(df, ["sex", "age"], sensitive=["icd10"], k=2)
        assert (report.k, report.classes, report.l) == (1, 3, {"icd10": 1})
        records = report.records()
        assert isinstance(records, kind)
        as_arrow = records.to_arrow_table() if isinstance(records, duckdb.DuckDBPyRelation) else records
        as_polars = as_arrow.collect() if isinstance(as_arrow, pl.LazyFrame) else pl.DataFrame(as_arrow)
        assert as_polars["class_size"].to_list() == [3, 2, 3, 3, 1, 2]
    assert kh.k_anonymity(table.to_reader(), ["age"]) == 3


@FAST
@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 2)), min_size=2, max_size=20), st.randoms())
def test_a_pandas_index_is_never_a_position(cells, random):
    df = pd.DataFrame(cells, columns=["a", "b"])
    df["a"] = pd.Categorical(df["a"], categories=["z", "b", "a"])
    labels = list(range(len(df)))
    random.shuffle(labels)
    df = df.iloc[labels]
    df = df[df["b"] < 2] if (df["b"] < 2).any() else df
    before = df.copy(deep=True)
    sizes = Counter(zip(df["a"], df["b"], strict=True))
    report = kh.risk_report(df, ["a", "b"])
    records = report.records()
    assert report.k == min(sizes.values())
    assert records.index.equals(df.index)
    assert list(records["class_size"]) == [sizes[pair] for pair in zip(df["a"], df["b"], strict=True)]
    pd.testing.assert_frame_equal(df, before)


def test_missing_in_pandas_is_one_value_and_a_frame_changed_since_keeps_its_records():
    df = pd.DataFrame(
        {"x": [1.0, math.nan, math.nan, 1.0, None], "y": ["a", None, None, "a", None]}, index=list("edcba")
    )
    report = kh.risk_report(df, ["x", "y"])
    assert (report.k, report.classes) == (2, 2)
    df.index = list("vwxyz")
    assert report.records()["class_size"].to_dict() == {"e": 2, "d": 3, "c": 3, "b": 2, "a": 3}


def test_a_lazy_frame_reads_only_what_is_named():
    def fail(_):
        raise AssertionError

    lazy = pl.LazyFrame({"a": [1, 1, 2], "b": [1, 2, 3]})
    untouched = pl.col("b").map_batches(fail, return_dtype=pl.Int64)
    assert kh.k_anonymity(lazy.with_columns(untouched), "a") == 1


def test_accessors(patients):
    kh.register_accessors()
    for df in (patients, patients.lazy(), patients.to_pandas()):
        assert df.kohort.k_anonymity(["age"]) == 3
        assert df.kohort.risk_report("age", sensitive="icd10", k=3).passes


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"quasi_identifiers": ["sexe"]}, "'sex'"),
        ({"quasi_identifiers": []}, "empty"),
        ({"quasi_identifiers": ["age", "age"]}, "twice"),
        ({"quasi_identifiers": [3]}, "column names"),
        ({"quasi_identifiers": "age", "sensitive": ["age"]}, "both"),
        ({"quasi_identifiers": "age", "k": 0}, "k must be"),
        ({"quasi_identifiers": "age", "k": True}, "k must be"),
        ({"quasi_identifiers": "age", "nulls": "wildcard"}, "nulls"),
    ],
)
def test_wrong_arguments_are_refused_by_name(patients, arguments, message):
    for df in (patients, patients.lazy(), patients.to_pandas(), patients.to_arrow()):
        with pytest.raises(kh.errors.ArgumentError, match=message):
            kh.risk_report(df, **arguments)


def test_unusable_frames_are_refused(patients, tmp_path):
    refused = pytest.raises(kh.errors.ArgumentError, match="no rows")
    with refused:
        kh.k_anonymity(patients.head(0), "age")
    with pytest.raises(kh.errors.ArgumentError, match="list"):
        kh.k_anonymity([1, 2], "age")
    with pytest.raises(kh.errors.ArgumentError, match="several columns"):
        kh.k_anonymity(pd.DataFrame([[1, 2]], columns=["a", "a"]), "a")
    mixed = pd.DataFrame({"a": [1, "secret-value"]}, dtype=object)
    with pytest.raises(kh.errors.ArgumentError, match="'a'") as error:
        kh.k_anonymity(mixed, "a")
    assert "secret-value" not in str(error.value)
    for nested in (pl.DataFrame({"a": [[1]]}), pl.LazyFrame({"a": [{"b": 1}]}), pa.table({"a": [[1]]})):
        with pytest.raises(kh.errors.ArgumentError, match="no single value per row"):
            kh.k_anonymity(nested, "a")
    with pytest.raises(FileNotFoundError):
        kh.k_anonymity(tmp_path / "absent.parquet", "a")
    (tmp_path / "rows.csv").write_text("a\n1\n")
    with pytest.raises(kh.errors.ArgumentError, match="Parquet"):
        kh.k_anonymity(tmp_path / "rows.csv", "a")


def test_the_card_says_the_verdict_first_and_escapes_names():
    df = pl.DataFrame({"<b>": [1, 1, 2], "x": [1, 1, 1]})
    bad = kh.risk_report(df, ["<b>", "x"], k=2)
    html = bad._repr_html_()
    assert "2-anonymous: no; k = 1" in html
    assert "<b>" not in html
    assert html.index("2-anonymous") < html.index("rows alone")
    assert "3-anonymous: yes; k = 3" in kh.risk_report(df, "x", k=3)._repr_html_()
    assert repr(bad).startswith("RiskReport: the frame is not 2-anonymous")
    assert len(repr(bad).splitlines()) <= 3
