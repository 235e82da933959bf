"""Every reason for which a row is left out: counted, reported, refused when strict; nothing stays behind."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import kohort as kh
import polars as pl
import pytest
from conftest import files, make, source

TOMORROW = date.today() + timedelta(days=40)  # noqa: DTZ011
BAD_PERSONS = {
    "null person": {"person_id": None},
    "person given twice": {"person_id": 1},
    "null birth month": {"birth_month": None},
    "birth in the future": {"birth_month": TOMORROW.replace(day=1)},
    "death before birth": {"birth_month": date(1950, 5, 1), "death": date(1950, 4, 30)},
}
BAD_EVENTS = {
    "unknown person": {"person_id": 99_999},
    "null person": {"person_id": None},
    "null date": {"start": None},
    "end before start": {"end": date(2015, 12, 31)},
    "null code": {"code": None},
    "empty code": {"code": ""},
}
PERSON = {"person_id": 777, "sex": "F", "birth_month": date(1960, 1, 1), "death": None}
EVENT = {"person_id": 1, "start": date(2016, 1, 1), "end": None, "code": "A10BA02"}


def people(*extra: dict[str, Any]) -> pl.DataFrame:
    rows = [{**PERSON, "person_id": n} for n in (1, 2, 3)] + [{**PERSON, **row} for row in extra]
    return pl.DataFrame(
        rows, schema={"person_id": pl.Int64, "sex": pl.String, "birth_month": pl.Date, "death": pl.Date}
    ).with_columns(observation_start=date(2015, 1, 1), observation_end=date(2019, 12, 31))


def events(*extra: dict[str, Any]) -> pl.DataFrame:
    kinds = {"person_id": pl.Int64, "start": pl.Date, "end": pl.Date, "code": pl.String}
    return pl.DataFrame([EVENT, *({**EVENT, **row} for row in extra)], schema=kinds)


def refused_as(tables: dict[str, Any], table: str, reason: str, tmp_path: Path) -> None:
    with pytest.warns(kh.KohortWarning, match="left out") as told:
        wh = make(tmp_path / "wh", tables)
    assert Path(told[0].filename).name == "conftest.py", "the warning points at the caller of kohort"
    report = wh.ingest_report
    assert report is not None
    counts = report.tables[table]
    assert counts.refused[reason] == 2
    assert counts.read == counts.kept + sum(counts.refused.values())
    assert reason in str(report)
    assert reason in report._repr_html_()
    with pytest.raises(kh.IngestError, match=reason):
        make(tmp_path / "strict", tables, strict=True)
    assert not (tmp_path / "strict").exists()


@pytest.mark.parametrize("reason", BAD_PERSONS)
def test_persons(reason: str, tmp_path: Path) -> None:
    row = BAD_PERSONS[reason]
    bad = [row, {**row, **({"person_id": 778} if row.get("person_id", 0) == 0 else {})}]
    # Periods of persons who were left out are of unknown persons: given apart, so that one reason is tested at a time.
    periods = people().select("person_id", start="observation_start", end="observation_end")
    tables = {"persons": people(*bad).drop("observation_start", "observation_end"), "observation": periods}
    refused_as({**tables, "drug": events()}, "persons", reason, tmp_path)


@pytest.mark.parametrize("reason", BAD_EVENTS)
def test_events(reason: str, tmp_path: Path) -> None:
    refused_as({"persons": people(), "drug": events(BAD_EVENTS[reason], BAD_EVENTS[reason])}, "drug", reason, tmp_path)


@pytest.mark.parametrize("table", ["observation", "residence"])
@pytest.mark.parametrize("reason", ["unknown person", "null person", "null date", "end before start"])
def test_spans(table: str, reason: str, tmp_path: Path) -> None:
    row = {"end": date(2019, 1, 1), **BAD_EVENTS[reason]}
    good = {"end": date(2019, 1, 1)}
    spans = events(good, row, row).tail(3).with_columns(code=pl.lit("01053"))
    report_name = {"observation": "observation_period"}.get(table, table)
    given = people().drop("observation_start", "observation_end") if table == "observation" else people()
    refused_as({"persons": given, table: spans, "drug": events()}, report_name, reason, tmp_path)


def test_an_error_names_no_person(tmp_path: Path) -> None:
    tables = {"persons": people(), "drug": events({"person_id": 987_654_321})}
    with pytest.raises(kh.IngestError) as error:
        make(tmp_path / "wh", tables, strict=True)
    assert "987654321" not in str(error.value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"drug": source()["drug"].drop("code")}, "no column 'code'"),
        ({"drug": source()["drug"].drop("person_id")}, "no column 'person_id'"),
        ({"persons": source()["persons"].drop("sex")}, "no column 'sex'"),
        ({"persons": source()["persons"].with_columns(sex=pl.lit("woman"))}, "'woman', which is no sex"),
        ({"persons": source()["persons"].head(0)}, "no usable person"),
        ({"drug": source()["drug"].with_columns(nested=pl.lit([1, 2]))}, "column 'nested'"),
        ({"drug": source()["drug"].with_columns(person=1)}, "column 'person' is reserved"),
        ({"drug": source()["drug"].with_columns(start=pl.lit("2015-13-01"))}, "table 'drug' cannot be read"),
        ({"drug": source()["drug"].with_columns(start=pl.lit(3))}, "column 'start' of table 'drug' has type"),
        ({"drug": source()["drug"].with_columns(person_id=pl.col("person_id") + 0.5)}, "not whole"),
        ({"persons": source()["persons"].with_columns(birth_month=date(1950, 1, 2))}, "full dates of birth"),
        ({"persons": source()["persons"].with_columns(birth_month=pl.lit("1950"))}, "table 'persons' cannot be read"),
        ({"persons": source()["persons"].with_columns(birth_date=date(1950, 1, 2))}, "full date of birth"),
        ({"drug": 3}, "table 'drug' is a int"),
        ({"Drug": source()["drug"]}, "'Drug' cannot name a domain"),
        ({"death": source()["drug"]}, "'death' cannot name a domain"),
    ],
)
@pytest.mark.parametrize("there", ["nothing", "empty folder", "warehouse"])
def test_a_refusal_leaves_nothing(change: dict[str, Any], says: str, there: str, tmp_path: Path) -> None:
    into = tmp_path / "wh"
    if there == "empty folder":
        into.mkdir()
    if there == "warehouse":
        make(into)
    before = files(into)
    with pytest.raises(kh.IngestError, match=says):
        make(into, {**source(), **change}, replace=True)
    assert files(into) == before
    assert into.exists() == (there != "nothing")
    if there == "warehouse":
        assert kh.open(into).verify() == len(before) - 2, "all but HEAD and the manifest"


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("dear")
    with pytest.raises(kh.IngestError, match="other things"):
        make(tmp_path)
    assert files(tmp_path).keys() == {"thesis.txt"}


def test_a_warehouse_is_not_replaced_by_accident(tmp_path: Path) -> None:
    make(tmp_path / "wh")
    before = files(tmp_path / "wh")
    with pytest.raises(kh.IngestError, match="replace=True"):
        make(tmp_path / "wh")
    assert files(tmp_path / "wh") == before
