"""Mondrian's boxes, MDAV's groups and suppressed cells against their definitions, and a plain MDAV written out."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

import duckdb
import kohort as kh
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FAST = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

CELLS = {
    pl.Int64: st.integers(-20, 20),
    pl.Float64: st.sampled_from([-1.5, 0.0, 2.25, 1e9]),
    pl.Date: st.integers(0, 4000).map(lambda days: date(1950, 1, 1) + timedelta(days=days)),
    pl.String: st.sampled_from(["a", "b", "c", "d"]),
    pl.Boolean: st.booleans(),
    pl.Categorical: st.sampled_from(["f", "m"]),
    pl.Enum(["low", "middle", "high", "unseen"]): st.sampled_from(["low", "middle", "high"]),
}


@st.composite
def frames(draw: st.DrawFn, least: int = 1) -> pl.DataFrame:
    height = draw(st.integers(least, 50))
    columns = {}
    for number in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(list(CELLS)))
        cell = CELLS[kind] if draw(st.booleans()) else st.none() | CELLS[kind]
        columns[f"c{number}"] = pl.Series(draw(st.lists(cell, min_size=height, max_size=height)), dtype=kind)
    columns["id"] = pl.Series(draw(st.lists(st.integers(0, 9), min_size=height, max_size=height)))
    return pl.DataFrame(columns)


def covered(value: Any, label: Any) -> bool:
    """Whether a reader of the label would accept the value."""
    if value is None:
        return label is None or label.endswith(" or missing")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    label = str(label).removesuffix(" or missing")
    if label == "*":
        return True
    if label.startswith("{"):
        return text in label.strip("{}").split(", ")
    if label.startswith("["):
        low, high = label.strip("[]").split(", ")
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(low) <= value <= float(high)
        order = ["low", "middle", "high"]
        if text in order:
            return order.index(low) <= order.index(text) <= order.index(high)
        return low.lower() <= text <= high.lower()
    return label.lower() == text or float(label) == value


@FAST
@given(frames(), st.integers(1, 5), st.booleans(), st.booleans())
def test_boxes_have_k_and_cover_their_rows(df: pl.DataFrame, k: int, strict: bool, by_person: bool) -> None:  # noqa: FBT001
    names = df.columns[:-1]
    person = "id" if by_person else None
    if (df["id"].n_unique() if by_person else df.height) < k:
        with pytest.raises(kh.ArgumentError, match="fewer"):
            kh.mondrian(df, names, k=k, person=person)
        return
    before = df.clone()
    safe = kh.mondrian(df, names, k=k, strict=strict, person=person)
    assert df.equals(before)
    assert safe.frame["id"].equals(df["id"])
    assert kh.k_anonymity(safe.frame, names, person=person) >= k
    for name in names:
        for value, label in zip(df[name].to_list(), safe.frame[name].to_list(), strict=True):
            assert value == label or covered(value, label), (name, value, label)
    assert 0 <= safe.loss <= 1
    assert safe.average_size == df.height / safe.boxes
    assert kh.mondrian(df, names, k=k, strict=strict, person=person).frame.equals(safe.frame)


def plain_mondrian(rows: list[tuple[int, ...]], k: int) -> list[list[int]]:
    """Strict Mondrian on whole numbers, as the paper writes it, with the cut nearest the median."""
    spans = [max(column) - min(column) or 1 for column in zip(*rows, strict=True)]

    def cut(part: list[int]) -> list[list[int]]:
        width = {}
        for d in range(len(spans)):
            values = [rows[i][d] for i in part]
            if max(values) > min(values):
                width[d] = (max(values) - min(values)) / spans[d]
        for d in sorted(width, key=lambda d: (-width[d], d)):
            median = sorted(rows[i][d] for i in part)[len(part) // 2]
            halves = [
                ([i for i in part if rows[i][d] < median], [i for i in part if rows[i][d] >= median]),
                ([i for i in part if rows[i][d] <= median], [i for i in part if rows[i][d] > median]),
            ]
            for left, right in sorted(halves, key=lambda h: -min(map(len, h))):
                if min(len(left), len(right)) >= k:
                    return cut(left) + cut(right)
        return [part]

    return cut(list(range(len(rows))))


@FAST
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 7)), min_size=3, max_size=60), st.integers(1, 4))
def test_strict_boxes_are_those_of_the_paper(rows: list[tuple[int, int]], k: int) -> None:
    if len(rows) < k:
        return
    safe = kh.mondrian(pl.DataFrame(rows, schema=["a", "b"], orient="row"), ["a", "b"], k=k)
    expected: list[Any] = [None] * len(rows)
    boxes = plain_mondrian(rows, k)
    for box in boxes:
        label = []
        for d in range(2):
            low, high = min(rows[i][d] for i in box), max(rows[i][d] for i in box)
            label.append(str(low) if low == high else f"[{low}, {high}]")
        for i in box:
            expected[i] = tuple(label)
    assert safe.boxes == len(boxes)
    assert [tuple(map(str, row)) for row in safe.frame.rows()] == expected


def test_numbers_as_midpoint_or_mean_and_given_orders() -> None:
    df = pl.DataFrame({"age": [20, 22, 27, 60, 61, 68], "grade": ["i", "ii", "iii", "i", "ii", "iii"]})
    middle = kh.mondrian(df, "age", k=3, numbers="midpoint").frame["age"]
    assert middle.to_list() == [23.5] * 3 + [64.0] * 3
    mean = kh.mondrian(df, "age", k=3, numbers="mean").frame["age"]
    assert mean.to_list() == [23.0] * 3 + [63.0] * 3
    days = pl.DataFrame({"born": [date(1950, 1, 1), date(1950, 1, 3), date(1980, 5, 1), date(1980, 5, 1)]})
    halves = kh.mondrian(days, "born", k=2, numbers="midpoint").frame["born"]
    assert halves.to_list() == [date(1950, 1, 2)] * 2 + [date(1980, 5, 1)] * 2
    grades = pl.DataFrame({"grade": ["high", "low", "middle", "none", "low"]})
    given_order = {"grade": ["none", "low", "middle", "high"]}
    ordered = kh.mondrian(grades, "grade", k=2, orders=given_order).frame["grade"]
    assert ordered.to_list() == ["[middle, high]", "[none, low]", "[middle, high]", "[none, low]", "[none, low]"]


def plain_mdav(points: np.ndarray, k: int) -> list[list[int]]:
    left = list(range(len(points)))
    groups = []

    def far(origin: np.ndarray) -> int:
        return max(left, key=lambda i: ((points[i] - origin) ** 2).sum())

    def near(origin: np.ndarray) -> None:
        group = sorted(left, key=lambda i: ((points[i] - origin) ** 2).sum())[:k]
        groups.append(sorted(group))
        for i in group:
            left.remove(i)

    while len(left) >= 3 * k:
        first = points[far(points[left].mean(axis=0))]
        second = points[far(first)]
        near(first)
        near(second)
    if len(left) >= 2 * k:
        near(points[far(points[left].mean(axis=0))])
    if left:
        groups.append(sorted(left))
    return groups


@pytest.mark.parametrize(
    ("rows", "width", "k"), [(5, 1, 5), (40, 2, 3), (61, 4, 5), (200, 3, 7), (9, 2, 4), (12, 2, 4)]
)
def test_mdav_against_the_algorithm_written_out(rows: int, width: int, k: int) -> None:
    points = np.random.default_rng(rows).normal(size=(rows, width)) * np.arange(1, width + 1) + 5
    df = pl.DataFrame(points, schema=[f"c{i}" for i in range(width)])
    standard = (points - points.mean(axis=0)) / points.std(axis=0, ddof=1)
    groups = plain_mdav(standard, k)
    expected = np.empty_like(points)
    within = 0.0
    for group in groups:
        expected[group] = points[group].mean(axis=0)
        within += ((standard[group] - standard[group].mean(axis=0)) ** 2).sum()
    safe = kh.microaggregate(df, df.columns, k=k)
    np.testing.assert_allclose(safe.frame.to_numpy(), expected, rtol=1e-12)
    assert safe.groups == len(groups)
    assert safe.information_loss == pytest.approx(100 * within / (standard**2).sum())
    assert kh.k_anonymity(safe.frame, df.columns) >= k
    np.testing.assert_allclose(safe.frame.mean().row(0), df.mean().row(0))


@FAST
@given(frames(), st.integers(1, 5))
def test_suppressed_cells_give_every_row_its_company(df: pl.DataFrame, k: int) -> None:
    names = df.columns[:-1]
    if df.height < k:
        with pytest.raises(kh.ArgumentError, match="fewer rows"):
            kh.suppress_cells(df, names, k=k)
        return
    safe = kh.suppress_cells(df, names, k=k)
    rows = safe.frame.select(names).rows()
    for row in rows:
        agree = sum(all(a is None or b is None or a == b for a, b in zip(row, other, strict=True)) for other in rows)
        assert agree >= k
    assert safe.k >= k
    for name in names:
        changed = (safe.frame[name].is_null() & df[name].is_not_null()).sum()
        assert safe.suppressed[name] == changed
        same = df[name].eq_missing(safe.frame[name]) | safe.frame[name].is_null()
        assert same.all()
        assert safe.frame[name].dtype == df[name].dtype
    if kh.k_anonymity(df, names, nulls="any") >= k:
        assert safe.share == 0


def test_suppression_goes_by_importance_and_is_not_far_from_the_fewest() -> None:
    df = pl.DataFrame({"a": [1, 1, 2, 2], "b": [1, 2, 1, 2]})
    assert kh.suppress_cells(df, ["a", "b"], k=2, importance=["a", "b"]).suppressed["a"] == 0
    assert kh.suppress_cells(df, ["a", "b"], k=2, importance=["b", "a"]).suppressed["b"] == 0
    # One blank in each pair is enough: the other of the pair has the blank for company.
    assert sum(kh.suppress_cells(df, ["a", "b"], k=2).suppressed.values()) == 2


def test_coding_and_sampling() -> None:
    df = pl.DataFrame(
        {
            "x": [5, None, 1, 9, 9],
            "y": [1.5, math.nan, None, -2.0, 7.0],
            "d": [date(2000, 1, i) for i in (1, 2, 3, 4, 5)],
        }
    )
    top = kh.top_code(df, "x", at=6)
    assert (top.frame["x"].to_list(), top.changed, top.frame["x"].dtype) == ([5, None, 1, 6, 6], 2, pl.Int64)
    low = kh.bottom_code(df, "y", at=0.0).frame["y"].to_list()
    assert low[0] == 1.5
    assert math.isnan(low[1])
    assert low[2:] == [None, 0.0, 7.0]
    assert kh.top_code(df, "d", at=date(2000, 1, 3)).frame["d"].to_list()[2:] == [date(2000, 1, 3)] * 3
    assert kh.top_code(df, "x", quantile=0.5).at == 5
    assert kh.bottom_code(df, "x", quantile=0.5).at == 9
    assert kh.top_code(df, "x", quantile=1.0).changed == 0
    drawn = Counter(tuple(kh.sample(df, 0.4, seed=seed)["d"].dt.day()) for seed in range(600))
    assert len(drawn) == 10
    assert min(drawn.values()) > 30
    assert all(list(days) == sorted(days) for days in drawn)


@pytest.mark.parametrize(
    "work",
    [
        lambda df: kh.mondrian(df, ["age", "sex"], k=2).frame,
        lambda df: kh.microaggregate(df, "age", k=2).frame,
        lambda df: kh.suppress_cells(df, ["age", "sex"], k=2).frame,
        lambda df: kh.top_code(df, "age", at=40).frame,
    ],
)
def test_what_comes_back_is_what_went_in(work: Any, tmp_path: Any) -> None:
    df = pl.DataFrame({"age": [30, 31, 50, 51, 52], "sex": ["F", "F", "M", "F", "M"], "note": list("vwxyz")})
    table = df.to_arrow()
    df.write_parquet(tmp_path / "rows.parquet")
    index = pd.Index(["e", "d", "d", "b", "a"])
    pandas = df.to_pandas().set_index(index)
    kinds = [
        (df, pl.DataFrame),
        (df.lazy(), pl.LazyFrame),
        (pandas, pd.DataFrame),
        (table, pa.Table),
        (table.to_batches()[0], pa.RecordBatch),
        (table.to_reader(), pa.RecordBatchReader),
        (duckdb.from_arrow(table), duckdb.DuckDBPyRelation),
        (tmp_path / "rows.parquet", pl.DataFrame),
    ]
    expected = work(df)
    for given_rows, kind in kinds:
        got = work(given_rows)
        assert isinstance(got, kind)
        if kind is pd.DataFrame:
            assert got.index.equals(index)
            assert list(pandas["age"]) == df["age"].to_list()
        plain = got.to_arrow_table() if kind is duckdb.DuckDBPyRelation else got
        plain = plain.collect() if kind is pl.LazyFrame else pl.DataFrame(plain)
        assert plain.columns == df.columns
        assert plain.rows() == expected.rows()


def test_a_pandas_sample_keeps_its_labels() -> None:
    df = pd.DataFrame({"a": range(10)}, index=list("jihgfedcba"))
    drawn = kh.sample(df, 0.5, seed=2)
    assert all(df.loc[label, "a"] == value for label, value in drawn["a"].items())
    assert len(drawn) == 5


REFUSED = [
    (lambda df: kh.mondrian(df, "b", k=0), "k must be"),
    (lambda df: kh.mondrian(df, "b", numbers="median"), "'interval'"),
    (lambda df: kh.mondrian(df, "nan", k=2), "NaN"),
    (lambda df: kh.mondrian(df, "nested", k=2), "no single value"),
    (lambda df: kh.mondrian(df, "text", k=2, orders={"text": ["a"]}), "lacks 2"),
    (lambda df: kh.mondrian(df, "b", k=2, person="b"), "one role"),
    (lambda df: kh.mondrian(df.head(0), "b", k=2), "no rows"),
    (lambda df: kh.microaggregate(df, "text", k=2), "numeric"),
    (lambda df: kh.microaggregate(df, "nan", k=2), "missing or infinite"),
    (lambda df: kh.microaggregate(df, "b", k=2, method="fixed"), "'mdav'"),
    (lambda df: kh.microaggregate(df, "b", k=4), "fewer rows"),
    (lambda df: kh.suppress_cells(df, "b", k=2, importance=["text"]), "same columns"),
    (lambda df: kh.suppress_cells(df, "nested", k=2), "no single value"),
    (lambda df: kh.top_code(df, "b"), "either at"),
    (lambda df: kh.top_code(df, "b", at=1, quantile=0.5), "either at"),
    (lambda df: kh.top_code(df, "b", at=1.5), "not a value of column"),
    (lambda df: kh.top_code(df, "b", quantile=2), "number from 0 to 1"),
    (lambda df: kh.top_code(df, "text", at="a"), "no top or bottom"),
    (lambda df: kh.bottom_code(df, "absent", at=1), "no column"),
    (lambda df: kh.sample(df, 0, seed=1), "fraction"),
    (lambda df: kh.sample(df, 0.5, seed=0.5), "seed"),
]


@pytest.mark.parametrize(("work", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_bad_input_is_refused(work: Any, message: str) -> None:
    df = pl.DataFrame({"b": [1, 2, 3], "text": ["a", "b", "c"], "nan": [1.0, math.nan, 2.0], "nested": [[1], [2], [3]]})
    with pytest.raises(kh.ArgumentError, match=message):
        work(df)


def test_one_row_and_all_alike() -> None:
    df = pl.DataFrame({"a": [7], "b": ["x"]})
    assert kh.mondrian(df, ["a", "b"], k=1).frame.equals(df)
    assert kh.suppress_cells(df, ["a", "b"], k=1).frame.equals(df)
    alike = pl.concat([df] * 9)
    assert kh.mondrian(alike, ["a", "b"], k=2).frame.equals(alike)
    assert kh.microaggregate(alike, "a", k=3).information_loss == 0
    assert defaultdict(int, kh.suppress_cells(alike, ["a", "b"], k=9).suppressed)["a"] == 0


MODELS = [
    (kh.LDiversity("secret", 2), lambda df, qi: kh.l_diversity(df, qi, "secret") >= 2),
    (kh.RecursiveDiversity("secret", 3.0, 2), lambda df, qi: kh.recursive_diversity(df, qi, "secret", 2) < 3),
    (kh.TCloseness("secret", 0.3), lambda df, qi: kh.t_closeness(df, qi, "secret") <= 0.3 + 1e-12),
    (
        kh.TCloseness("age", 0.2, ordered=True),
        lambda df, qi: kh.t_closeness(df, qi, "age", ordered=True) <= 0.2 + 1e-12,
    ),
    (kh.BetaLikeness("secret", 1.0), lambda df, qi: kh.beta_likeness(df, qi, "secret") <= 1 + 1e-12),
    (kh.KAnonymity(7), lambda df, qi: kh.k_anonymity(df, qi) >= 7),
]


@pytest.mark.parametrize(("model", "holds"), MODELS, ids=[repr(model) for model, _ in MODELS])
def test_boxes_fulfill_the_models_asked_for(model: Any, holds: Any) -> None:
    draw = np.random.default_rng(8)
    df = pl.DataFrame(
        {
            "x": draw.integers(0, 50, 400),
            "y": draw.integers(0, 9, 400),
            "secret": draw.choice(["a", "b", "c", None], 400, p=[0.5, 0.2, 0.2, 0.1]),
            "age": draw.integers(0, 30, 400),
        }
    )
    safe = kh.mondrian(df, ["x", "y"], k=3, models=model)
    assert holds(safe.frame, ["x", "y"])
    assert safe.boxes > 5
    both = kh.mondrian(df, ["x", "y"], k=3, models=[model, kh.KAnonymity(20)])
    assert holds(both.frame, ["x", "y"])
    assert kh.k_anonymity(both.frame, ["x", "y"]) >= 20


def test_models_that_nothing_fulfills_or_that_are_none_are_refused() -> None:
    df = pl.DataFrame({"x": [1, 2, 3, 4], "s": ["a", "a", "a", "a"]})
    with pytest.raises(kh.ArgumentError, match="all rows together"):
        kh.mondrian(df, "x", k=2, models=kh.LDiversity("s", 2))
    with pytest.raises(kh.ArgumentError, match="one box at a time"):
        kh.mondrian(df, "x", k=2, models=[kh.AverageRisk(0.1)])
    with pytest.raises(kh.ArgumentError, match="one box at a time"):
        kh.mondrian(df, "x", k=2, models="k")
