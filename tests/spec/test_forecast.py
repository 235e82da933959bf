"""The forecast of a crossing against plain polars on the same population."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import kohort as kh
import polars as pl
import pytest

if TYPE_CHECKING:
    from pathlib import Path

COMMUNES = ["75056", "75056", "97105", "2A004", "13055"]


@pytest.fixture(scope="module")
def wh(tmp_path_factory: pytest.TempPathFactory) -> kh.Warehouse:
    rows = 3_000
    number = pl.int_range(rows, eager=True)
    persons = pl.DataFrame(
        {
            "person_id": number,
            "sex": ["F" if i % 3 else "M" for i in range(rows)],
            "birth_month": [date(1930 + i * 7 % 60, 1 + i * 5 % 12, 1) for i in range(rows)],
            "death": [date(2018, 1 + i % 12, 1 + i % 28) if i % 10 == 0 else None for i in range(rows)],
            "observation_start": ["2015-01-01"] * rows,
            "observation_end": ["2019-12-31"] * rows,
        }
    )
    # Everybody moves in 2018, but for some whose residence ends unknown.
    moved = [COMMUNES[(i + 1) % 5] for i in range(rows)]
    residence = pl.concat(
        [
            pl.DataFrame(
                {
                    "person_id": number,
                    "start": pl.Series([date(2015, 1, 1)] * rows),
                    "end": pl.Series([date(2017, 12, 31)] * rows),
                    "code": pl.Series([COMMUNES[i % 5] for i in range(rows)]),
                }
            ),
            pl.DataFrame(
                {
                    "person_id": number,
                    "start": pl.Series([date(2018, 1, 1)] * rows),
                    "end": pl.Series([date(2019, 12, 31)] * rows),
                    "code": pl.Series(moved),
                }
            ).filter(pl.col("person_id") % 7 != 0),
        ]
    )
    drug = pl.DataFrame({"person_id": [1], "start": ["2016-05-04"], "code": ["A10BA02"]})
    path: Path = tmp_path_factory.mktemp("forecast") / "wh"
    return kh.ingest.frames(
        persons=persons, residence=residence, drug=drug, into=path, shard_persons=700, identifiers="keep"
    )


def population(day: date) -> pl.DataFrame:
    rows = range(3_000)
    commune = [COMMUNES[i % 5] if day.year < 2018 else None if i % 7 == 0 else COMMUNES[(i + 1) % 5] for i in rows]
    return pl.DataFrame(
        {
            "sex": ["F" if i % 3 else "M" for i in rows],
            "birth_month": [date(1930 + i * 7 % 60, 1 + i * 5 % 12, 1) for i in rows],
            "birth_year": [1930 + i * 7 % 60 for i in rows],
            "commune": commune,
            "departement": [c and (c[:3] if c.startswith("97") else c[:2]) for c in commune],
            "death_date": [(i % 12, i % 28) if i % 10 == 0 else None for i in rows],
        }
    )


@pytest.mark.parametrize("day", [date(2016, 6, 1), date(2019, 12, 31)])
@pytest.mark.parametrize(
    "columns",
    [["sex"], ["sex", "birth_month", "commune"], ["birth_year", "departement"], ["death_date", "birth_month"]],
    ids=" x ".join,
)
def test_shares_are_those_of_plain_polars(wh: kh.Warehouse, columns: list[str], day: date) -> None:
    found = kh.forecast(wh, columns, day=day)
    assert found.step == pytest.approx(0.01)
    for crossing in found.crossings:
        if not set(crossing.columns) <= set(population(day).columns):
            continue
        sizes = population(day).group_by(crossing.columns).len()["len"]
        for share, below in ((crossing.unique, 2), (crossing.small, 11)):
            exact = sizes.filter(sizes < below).sum() / 3_000
            assert share == pytest.approx(exact, abs=found.step / 2 + 1e-9)


def test_coarser_crossings_are_offered(wh: kh.Warehouse) -> None:
    found = kh.forecast(wh, ["sex", "birth_month", "commune"])
    names = found.frame["crossing"].to_list()
    assert names[0] == "sex x birth_month x commune"
    assert {"sex x birth_year x commune", "sex x birth_month x departement", "sex x commune"} <= set(names)
    assert all(crossing.small <= found.small + found.step for crossing in found.crossings)
    assert "alone" in repr(found)
    assert "of all persons" in found._repr_html_()


def test_shares_tell_no_small_number(wh: kh.Warehouse) -> None:
    """A step of the share stands for at least as many persons as a cell."""
    assert 3_000 * kh.forecast(wh, ["sex"]).step >= 11
    tiny = kh.demo(7, events_per_person=5, path=wh.path.parent / "tiny", progress=False)
    assert kh.forecast(tiny, ["sex", "birth_month"]).step == 1.0


@pytest.mark.parametrize(
    ("columns", "message"), [([], "nothing to cross"), (["age"], "no column 'age'"), (["sex", "sex"], "named twice")]
)
def test_bad_columns_are_refused(wh: kh.Warehouse, columns: list[str], message: str) -> None:
    with pytest.raises(kh.ArgumentError, match=message):
        kh.forecast(wh, columns)
