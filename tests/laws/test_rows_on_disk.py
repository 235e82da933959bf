"""Rows that are not held in memory: the same answers, and nothing left behind."""

from __future__ import annotations

import math
import tempfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import kohort as kh
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kohort import _core
from kohort.microdata import risk
from kohort.microdata import stored as on_disk

FAST = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))

VALUES: dict[Any, Any] = {
    pl.Int8: st.integers(-3, 3),
    pl.Int64: st.sampled_from([-(2**63), 2**63 - 1, 0, -1, 1]),
    pl.UInt64: st.sampled_from([0, 1, 2**64 - 1]),
    pl.Float64: st.sampled_from([math.nan, 0.0, -0.0, 1.5, -math.inf]),
    pl.Boolean: st.booleans(),
    pl.String: st.sampled_from(["", "a", "b", "a longer text than fits into a view"]),
    pl.Date: st.sampled_from([date(1950, 1, 1), date(2024, 2, 29)]),
    pl.Datetime("us"): st.sampled_from([datetime(1950, 1, 1), datetime(1950, 1, 1, 0, 0, 1)]),  # noqa: DTZ001
    pl.Decimal(20, 2): st.sampled_from([Decimal("1.10"), Decimal("-7.25")]),
    pl.Categorical: st.sampled_from(["f", "m"]),
    pl.Null: st.none(),
}


@st.composite
def frames(draw: st.DrawFn) -> pl.DataFrame:
    height = draw(st.integers(1, 40))
    columns = {}
    for number in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(list(VALUES)))
        columns[f"c.{number}"] = pl.Series(
            draw(st.lists(st.none() | VALUES[kind], min_size=height, max_size=height)), dtype=kind
        )
    columns["id"] = pl.Series(draw(st.lists(st.sampled_from("abcdef"), min_size=height, max_size=height)))
    columns["secret"] = pl.Series(draw(st.lists(st.none() | st.integers(0, 3), min_size=height, max_size=height)))
    return pl.DataFrame(columns, schema_overrides={"secret": pl.Int64})


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No cell is held, and every table goes to disk; the folder for temporary files is one that can be looked into."""
    monkeypatch.setattr(risk, "CELLS", -1)
    monkeypatch.setattr(on_disk, "MEMORY", 0)
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


def same(left: kh.RiskReport, right: kh.RiskReport) -> bool:
    fields = ("k", "rows", "classes", "unique_share", "below_share", "prosecutor_max", "histogram", "columns", "l")
    return all(getattr(left, name) == getattr(right, name) for name in fields)


@FAST
@given(frames(), st.booleans(), st.integers(1, 50))
def test_the_same_answers(small: Path, df: pl.DataFrame, by_person: bool, group: int) -> None:  # noqa: FBT001
    names = df.columns[:-2]
    person = "id" if by_person else None
    path = small.parent / "rows.parquet"
    df.write_parquet(path, row_group_size=group)
    expected = kh.risk_report(df, names, sensitive="secret", person=person, k=3)
    for rows in (path, str(path), df.lazy(), pl.scan_parquet(path)):
        assert kh.k_anonymity(rows, names, person=person) == expected.k
        report = kh.risk_report(rows, names, sensitive="secret", person=person, k=3)
        assert same(report, expected)
        assert report.prosecutor_mean == pytest.approx(expected.prosecutor_mean)
        records = report.records()
        records = records.collect() if isinstance(records, pl.LazyFrame) else records
        assert records.equals(expected.records())
    assert list(small.iterdir()) == []


def test_several_files_are_one_frame(small: Path, tmp_path: Path) -> None:
    df = pl.DataFrame({"a": [1, 1, 2, 2, 3], "b": ["x", "x", "y", "y", "y"]})
    for number in range(5):
        df[number : number + 1].write_parquet(tmp_path / f"part-{number}.parquet")
    assert kh.k_anonymity(tmp_path / "part-*.parquet", ["a", "b"]) == 1
    assert kh.k_anonymity(tmp_path / "part-*.parquet", "b") == 2
    assert list(small.iterdir()) == []


def test_what_is_refused_in_memory_is_refused_on_disk(small: Path, tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pl.DataFrame({"a": [1, 2], "nested": [[1], [2]], "id": [1, None]}).write_parquet(path)
    with pytest.raises(kh.ArgumentError, match="no single value per row"):
        kh.k_anonymity(path, "nested")
    with pytest.raises(kh.ArgumentError, match="does not say for every row"):
        kh.k_anonymity(path, "a", person="id")
    pl.DataFrame({"a": []}, schema={"a": pl.Int64}).write_parquet(path)
    with pytest.raises(kh.ArgumentError, match="no rows"):
        kh.k_anonymity(path, "a")
    with pytest.raises(kh.ArgumentError, match="no rows"):
        kh.risk_report(path, "a")
    assert list(small.iterdir()) == []


def test_nothing_is_left_when_the_file_breaks_off(small: Path, tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pl.DataFrame({"a": range(200_000)}).write_parquet(path, row_group_size=1000)
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2 : len(whole) // 2 + 2000] = bytes(2000)
    path.write_bytes(bytes(whole))
    with pytest.raises((RuntimeError, ValueError, OSError)):
        _core.stored_sizes(path, ["a"], None, 0, missing=False)
    assert list(small.iterdir()) == []


@pytest.mark.slow
def test_ten_million_rows_through_runs(tmp_path: Path) -> None:
    rows = pl.int_range(10_000_000, eager=True)
    df = pl.DataFrame({"a": (rows.hash(1) % 3_000_000), "b": (rows.hash(2) % 2).cast(pl.Int8)})
    df.write_parquet(tmp_path / "rows.parquet")
    sizes = _core.stored_sizes(tmp_path / "rows.parquet", ["a", "b"], None, 20 << 20, missing=False)
    expected = df.group_by("a", "b").len()["len"].value_counts().sort("len")
    assert [(size, classes) for size, classes, _ in sizes] == expected.rows()
