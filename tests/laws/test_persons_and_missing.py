"""Persons instead of rows, and missing values that match anything, against comparing every row with every other."""

from __future__ import annotations

import random
from typing import Any

import kohort as kh
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FAST = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

Row = tuple[Any, ...]


def agree(left: Row, right: Row, nulls: str) -> bool:
    if nulls == "any":
        return all(a == b or a is None or b is None for a, b in zip(left, right, strict=True))
    return left == right


def crowds(rows: list[Row], persons: list[int], nulls: str) -> list[int]:
    return [len({who for other, who in zip(rows, persons, strict=True) if agree(row, other, nulls)}) for row in rows]


@st.composite
def frames(draw: st.DrawFn) -> pl.DataFrame:
    height = draw(st.integers(1, 30))
    cell = st.none() | st.sampled_from([1, 2, 3])
    columns = {
        f"c{number}": pl.Series(draw(st.lists(cell, min_size=height, max_size=height)), dtype=pl.Int64)
        for number in range(draw(st.integers(1, 5)))
    }
    if draw(st.booleans()):
        columns["c0"] = columns["c0"].cast(pl.String).cast(pl.Categorical)
    columns["id"] = pl.Series(draw(st.lists(st.integers(0, 9), min_size=height, max_size=height)), dtype=pl.Int64)
    secrets = st.none() | st.sampled_from("abcd")
    columns["secret"] = pl.Series(draw(st.lists(secrets, min_size=height, max_size=height)), dtype=pl.String)
    return pl.DataFrame(columns)


@FAST
@given(frames(), st.sampled_from(["category", "any"]), st.booleans())
def test_against_every_pair_of_rows(df: pl.DataFrame, nulls: Any, by_person: bool) -> None:  # noqa: FBT001
    names = df.columns[:-2]
    persons = df["id"].to_list() if by_person else list(range(df.height))
    expected = crowds(df.select(names).rows(), persons, nulls)
    report = kh.risk_report(df, names, sensitive="secret", k=3, person="id" if by_person else None, nulls=nulls)
    assert report.records()["class_size"].to_list() == expected
    assert kh.k_anonymity(df, names, person="id" if by_person else None, nulls=nulls) == report.k == min(expected)
    assert report.rows == df.height
    assert report.classes == df.select(names).n_unique()
    assert report.unique_share == pytest.approx(expected.count(1) / df.height)
    assert report.below_share == pytest.approx(sum(size < 3 for size in expected) / df.height)
    assert report.prosecutor_mean == pytest.approx(sum(1 / size for size in expected) / df.height)
    for column in report.columns:
        others = [name for name in names if name != column.name]
        rows = df.select(others).rows() if others else [()] * df.height
        without = crowds(rows, persons, nulls)
        assert column.k_without == min(without)
        assert column.unique_share_without == pytest.approx(without.count(1) / df.height)
    values: list[set[str | None]] = [
        {
            secret
            for other, secret in zip(df.select(names).rows(), df["secret"], strict=True)
            if agree(row, other, nulls)
        }
        for row in df.select(names).rows()
    ]
    assert report.l == {"secret": min(map(len, values))}


def test_the_example_in_the_tests_of_sdcmicro() -> None:
    """Five rows, the status of the last suppressed; sdcMicro expects the frequencies 3, 3, 3, 3, 5."""
    df = pl.DataFrame({"region": ["A"] * 5, "status": ["s", "m", "m", "s", None], "age": ["5"] * 5})
    sizes = kh.risk_report(df, df.columns, nulls="any").records()["class_size"]
    assert sizes.to_list() == [3, 3, 3, 3, 5]


def test_suppressing_a_value_never_lowers_k() -> None:
    draw = random.Random(4)
    df = pl.DataFrame({f"c{i}": [draw.randrange(3) for _ in range(50)] for i in range(3)})
    before = kh.risk_report(df, df.columns, nulls="any").records()["class_size"]
    for name in df.columns:
        at = draw.randrange(50)
        df = df.with_columns(pl.when(pl.int_range(pl.len()) == at).then(None).otherwise(pl.col(name)).alias(name))
        after = kh.risk_report(df, df.columns, nulls="any").records()["class_size"]
        assert (after >= before).all()
        before = after


def test_three_hundred_columns_with_missing_values() -> None:
    draw = random.Random(5)
    rows = [tuple(draw.choice([None, 1, 1, 1]) if i % 50 == 0 else i for i in range(300)) for _ in range(40)]
    df = pl.DataFrame(rows, schema=[f"c{i}" for i in range(300)], orient="row")
    for nulls in ("category", "any"):
        expected = crowds(rows, list(range(40)), nulls)
        assert kh.risk_report(df, df.columns, nulls=nulls).records()["class_size"].to_list() == expected


def test_many_rows_in_few_patterns() -> None:
    count = 60_000
    at = pl.int_range(count, eager=True)
    df = pl.DataFrame({"a": at % 2, "b": at.hash(1) % 500, "c": at.hash(2) % 40, "id": at // 3})
    df = df.with_columns(pl.when(at.hash(3) % 50 == 0).then(None).otherwise("b").alias("b"))
    missing = df.filter(pl.col("b").is_null()).group_by("a", "c").agg(rows=pl.len(), ids="id")
    known = df.filter(pl.col("b").is_not_null()).group_by("a", "b", "c").agg(rows=pl.len(), ids="id")
    whole = df.group_by("a", "c").agg(all_rows=pl.len(), all_ids=pl.col("id").n_unique())
    both = known.join(missing, on=["a", "c"], how="left").with_columns(
        rows=pl.col("rows") + pl.col("rows_right").fill_null(0),
        persons=pl.concat_list("ids", pl.col("ids_right").fill_null([])).list.n_unique(),
    )
    joined = df.join(both.select("a", "b", "c", "rows", "persons"), on=["a", "b", "c"], how="left").join(
        whole, on=["a", "c"], how="left"
    )
    rows = kh.risk_report(df, ["a", "b", "c"], nulls="any").records()["class_size"]
    assert (rows == joined["rows"].fill_null(joined["all_rows"])).all()
    persons = kh.risk_report(df, ["a", "b", "c"], nulls="any", person="id").records()["class_size"]
    assert (persons == joined["persons"].fill_null(joined["all_ids"])).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"person": "nobody"}, "no column 'nobody'"),
        ({"person": "a"}, "both as person"),
        ({"person": ["id"]}, "name of one column"),
        ({"person": "gap"}, "does not say for every row"),
        ({"nulls": "ignore"}, "'category'.*'any'"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], message: str) -> None:
    df = pl.DataFrame({"a": [1, 2], "id": [1, 2], "gap": [None, 2]})
    for function in (kh.k_anonymity, kh.risk_report):
        with pytest.raises(kh.ArgumentError, match=message):
            function(df, "a", **arguments)


def test_too_many_combinations_are_refused_with_the_way_out() -> None:
    draw = random.Random(6)
    rows = [tuple(draw.choice([None, i]) for i in range(40)) for _ in range(9_000)]
    df = pl.DataFrame(rows, schema=[f"c{i}" for i in range(40)], orient="row")
    with pytest.raises(kh.ArgumentError, match='nulls="category"'):
        kh.k_anonymity(df, df.columns, nulls="any")
