"""Frames that others stumble over: many columns, unseen categories, permuted and filtered indexes, one row, none."""

from __future__ import annotations

import math
import random
from collections import Counter
from typing import Any

import kohort as kh
import numpy as np
import pandas as pd
import polars as pl
import pytest


@pytest.mark.parametrize("distinct", [2, 50, 10**12])
def test_three_hundred_columns_work(distinct: int) -> None:
    draw = random.Random(distinct)
    rows = [tuple(draw.randrange(distinct) if i < 3 else i for i in range(300)) for _ in range(200)] * 2
    df = pl.DataFrame(rows, schema=[f"c{i}" for i in range(300)], orient="row")
    assert kh.k_anonymity(df, df.columns) == min(Counter(rows).values())
    report = kh.risk_report(df, df.columns, nulls="any")
    assert report.records()["class_size"].to_list() == [Counter(rows)[row] for row in rows]
    assert len(report.columns) == 300


def test_a_category_that_no_row_has_is_no_class() -> None:
    levels = pd.Categorical(["a", "a", "b", "b"], categories=["never", "a", "b", "nor this"])
    frame = pd.DataFrame({"x": levels, "y": [1, 1, 2, 2]})
    enum = pl.DataFrame({"x": pl.Series(["a", "a", "b", "b"], dtype=pl.Enum(["never", "a", "b"])), "y": [1, 1, 2, 2]})
    for df in (frame, enum):
        for nulls in ("category", "any"):
            report = kh.risk_report(df, ["x", "y"], nulls=nulls)
            assert (report.k, report.classes, report.columns[0].distinct) == (2, 2, 2)
        assert set(kh.mondrian(df, ["x"], k=4).frame["x"]) <= {"[a, b]", "*"}


def test_an_index_is_not_a_position() -> None:
    frame = pd.DataFrame({"x": list("aabbbc"), "y": [1, 1, 2, 2, 3, 3], "id": [1, 2, 3, 3, 4, 5]})
    shuffled = frame.sample(frac=1.0, random_state=3)
    filtered = shuffled[shuffled["x"] != "c"]
    doubled = pd.concat([filtered, filtered])
    for df in (frame, shuffled, filtered, doubled):
        for nulls in ("category", "any"):
            records = kh.risk_report(df, ["x", "y"], nulls=nulls).records()
            assert records.index.equals(df.index)
            counted = Counter(zip(df["x"], df["y"], strict=True))
            assert list(records["class_size"]) == [counted[pair] for pair in zip(df["x"], df["y"], strict=True)]
        safe = kh.suppress_cells(df, ["x", "y"], k=2).frame
        assert safe.index.equals(df.index)
        assert list(safe["id"]) == list(df["id"])
    assert kh.k_anonymity(filtered, "x", person="id") == 2


def test_nan_is_a_value_in_polars_and_missing_in_pandas() -> None:
    values = [1.0, math.nan, math.nan, None, 1.0]
    df = pl.DataFrame({"x": values})
    sizes = kh.risk_report(df, "x", nulls="any").records()["class_size"]
    assert sizes.to_list() == [3, 3, 3, 5, 3]
    frame = pd.DataFrame({"x": np.array([1.0, math.nan, math.nan, math.nan, 1.0])})
    assert list(kh.risk_report(frame, "x", nulls="any").records()["class_size"]) == [5] * 5


def test_one_row_and_none() -> None:
    one = pl.DataFrame({"x": [None], "y": ["a"], "id": [7]}, schema_overrides={"x": pl.Int64})
    for options in ({}, {"nulls": "any"}, {"person": "id"}, {"nulls": "any", "person": "id"}):
        given: dict[str, Any] = options
        assert kh.k_anonymity(one, ["x", "y"], **given) == 1
        for empty in (one.head(0), one.head(0).lazy(), one.head(0).to_pandas(), one.head(0).to_arrow()):
            for function in (kh.k_anonymity, kh.risk_report):
                with pytest.raises(kh.ArgumentError, match="no rows"):
                    function(empty, ["x", "y"], **given)


@pytest.mark.parametrize("nulls", ["category", "any"])
def test_nested_columns_are_refused(nulls: Any) -> None:
    df = pl.DataFrame({"a": [[1]], "b": [{"c": 1}], "id": [1]})
    for name in ("a", "b"):
        for rows in (df, df.lazy(), df.to_arrow()):
            with pytest.raises(kh.ArgumentError, match="no single value per row"):
                kh.k_anonymity(rows, name, nulls=nulls)
            with pytest.raises(kh.ArgumentError, match="no single value per row"):
                kh.k_anonymity(rows, "id", person=name, nulls=nulls)
