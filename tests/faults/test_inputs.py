"""The same data in any form, order and budget give the same warehouse, or the same answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import kohort as kh
import polars as pl
import pytest
from conftest import answer, files, make, source

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


def shards(root: Path) -> dict[str, str]:
    return {name: digest for name, digest in files(root).items() if name.startswith(("shards", "vocabulary"))}


def test_a_small_budget_spools_and_gives_the_same_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = source(3_000, 120_000)
    tables["residence"] = (
        tables["persons"]
        .select("person_id", start="observation_start", end="observation_end")
        .with_columns(code=pl.lit("01053"))
    )
    large = make(tmp_path / "large", tables, shard_persons=500)
    spooled: list[int] = []
    from kohort.ingest import session  # noqa: PLC0415

    monkeypatch.setattr(session, "BATCH_ROWS", 10_000)
    finish = session.Session.finish

    def watch(self: session.Session, *arguments: Any) -> Any:
        spooled.append(len(list((tmp_path / "small").glob(".spool-*/*"))))
        return finish(self, *arguments)

    monkeypatch.setattr(session.Session, "finish", watch)
    small = make(tmp_path / "small", tables, shard_persons=500, memory=1 << 20)
    assert spooled[0] > 6, "it did spool"
    assert shards(tmp_path / "small") == shards(tmp_path / "large")
    assert not list((tmp_path / "small").glob(".spool-*"))
    assert answer(small) == answer(large)


def test_shuffled_input_gives_the_same_answers(tmp_path: Path) -> None:
    tables = source()
    shuffled = {name: frame.sample(fraction=1.0, shuffle=True, seed=5) for name, frame in tables.items()}
    assert answer(make(tmp_path / "a", tables)) == answer(make(tmp_path / "b", shuffled, shard_persons=60))


@pytest.mark.parametrize("memory", [0, 1, 1_000, 50_000])
def test_a_tiny_cache_gives_the_same_answers(memory: int, right: tuple[Path, str]) -> None:
    wh = kh.open(right[0], memory=memory)
    assert answer(wh) == right[1]
    assert answer(wh) == right[1]
    assert wh._core.reads()[2] <= memory


def as_pandas(frame: pl.DataFrame) -> pd.DataFrame:
    """With an index that is not 0, 1, 2..., and codes as categories."""
    made = frame.to_pandas()
    made.index = range(5_000, 5_000 + len(made))[::-1]
    for name in {"code", "sex"} & set(made.columns):
        made[name] = made[name].astype("category")
    return made


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col(pl.Date).dt.to_string("%Y-%m-%d"), pl.col("person_id").cast(pl.String))


FORMS = {
    "lazy": pl.DataFrame.lazy,
    "pandas": as_pandas,
    "pandas through arrow": lambda frame: frame.to_pandas(use_pyarrow_extension_array=True),
    "floats of pandas": lambda frame: frame.to_pandas().astype({"person_id": "float64"}),
    "pyarrow": pl.DataFrame.to_arrow,
    "record batches": lambda frame: frame.to_arrow().to_reader(100),
    "duckdb": lambda frame: duckdb.from_arrow(frame.to_arrow()),
    "text": as_text,
    "datetimes": lambda frame: frame.with_columns(pl.col(pl.Date).cast(pl.Datetime("ms"))),
    "times of day": lambda frame: frame.with_columns(pl.col(pl.Date).cast(pl.Datetime("us", "UTC")).dt.offset_by("5h")),
    "categories": lambda frame: frame.with_columns(pl.col("^code|sex$").cast(pl.Categorical)),
    "small integers": lambda frame: frame.with_columns(pl.col("person_id").cast(pl.UInt16)),
}


@pytest.mark.parametrize("form", FORMS)
def test_forms(form: str, tmp_path: Path) -> None:
    if form == "times of day":
        tables = {name: FORMS[form](frame) if name != "persons" else frame for name, frame in source().items()}
    else:
        tables = {name: FORMS[form](frame) for name, frame in source().items()}
    expected = make(tmp_path / "expected")
    assert answer(make(tmp_path / "wh", tables)) == answer(expected)
    assert shards(tmp_path / "wh") == shards(tmp_path / "expected")


@pytest.mark.parametrize("ending", ["parquet", "csv", "tsv", "csv.gz"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_paths(ending: str, separator: str, tmp_path: Path) -> None:
    tables = {}
    for name, frame in source().items():
        path = tmp_path / f"{name}.{ending}"
        if ending == "parquet":
            frame.write_parquet(path)
        elif ending == "csv.gz":
            frame.write_csv(path, separator=separator, compression="gzip")
        else:
            frame.write_csv(path, separator="\t" if ending == "tsv" else separator)
        tables[name] = str(path) if name == "drug" else path
    assert answer(make(tmp_path / "wh", tables)) == answer(make(tmp_path / "expected"))


def test_codes_of_a_csv_keep_their_leading_zeros(tmp_path: Path) -> None:
    """Communes of the département 01, acts of the NABM: text, whatever it looks like."""
    tables: dict[str, Any] = source(3, 10)
    acts = tmp_path / "acts.csv"
    acts.write_text("person_id,start,code\n1,2016-01-01,0012\n2,2016-01-01,0513\n")
    wh = make(tmp_path / "wh", {**tables, "acts": acts}, vocabularies={"acts": "NABM"})
    assert wh._core.codes("acts") == ["0012", "0513"]


def test_identifiers_with_leading_zeros_are_other_persons(tmp_path: Path) -> None:
    people = tmp_path / "persons.csv"
    people.write_text(
        "person_id,sex,birth_month,observation_start,observation_end\n"
        "7,F,1950-01,2015-01-01,2016-01-01\n007,M,1950-02,2015-01-01,2016-01-01\n"
    )
    drug = tmp_path / "drug.csv"
    drug.write_text("person_id,start,code\n007,2015-05-01,A\n")
    wh = make(tmp_path / "wh", {"persons": people, "drug": drug}, identifiers="keep", key=None)
    rows = wh.run(kh.cohort("x").entry(kh.drug().first()), progress=False).persons()
    assert rows["person_id"].to_list() == ["007"]


def test_missing_identifiers_of_pandas_are_counted_and_whole(tmp_path: Path) -> None:
    drug = source()["drug"].to_pandas().astype({"person_id": "float64"})
    drug.loc[drug.index[:3], "person_id"] = float("nan")
    with pytest.warns(kh.KohortWarning, match="3 rows"):
        wh = make(tmp_path / "wh", {**source(), "drug": drug})
    assert wh.ingest_report is not None
    assert wh.ingest_report.tables["drug"].refused == {"null person": 3}


def test_births_are_cut_on_request(tmp_path: Path) -> None:
    tables = source()
    days = tables["persons"].with_columns(pl.col("birth_month").dt.offset_by("12d"))
    wh = make(tmp_path / "wh", {**tables, "persons": days}, birth_dates="truncate")
    assert answer(wh) == answer(make(tmp_path / "expected"))
    text = pl.scan_parquet(tmp_path / "wh" / "shards" / "**" / "persons-*.parquet").collect()
    assert (text["birth_month"].dt.day() == 1).all()


def test_extra_columns_are_kept_and_anyone_reads_them(tmp_path: Path) -> None:
    make(tmp_path / "wh", shard_persons=150)
    files_of = tmp_path / "wh" / "shards" / "*"
    found = duckdb.sql(
        f"select code, count(*), sum(quantity) from read_parquet('{files_of}/drug-*') group by 1 order by 1"
    )
    expected = source()["drug"].group_by("code").agg(pl.len(), pl.col("quantity").sum()).sort("code")
    for (code, n, total), row in zip(found.fetchall(), expected.iter_rows(), strict=True):
        assert (code, n) == row[:2]
        assert total == pytest.approx(row[2])
    assert pl.read_parquet(next((tmp_path / "wh" / "shards" / "0000").glob("drug-*")))["quantity"].null_count() == 0


@pytest.mark.parametrize("shard_persons", [10, 1_000])
def test_a_domain_without_rows_is_there(shard_persons: int, tmp_path: Path) -> None:
    tables = {**source(50, 100), "procedure": source()["diagnosis"].head(0)}
    wh = make(tmp_path / "wh", tables, shard_persons=shard_persons)
    assert "procedure" in wh.domains
    assert wh.ingest_report is not None
    assert wh.ingest_report.tables["procedure"].read == 0
    with pytest.warns(kh.KohortWarning, match="matches no procedure"):
        counted = wh.count(kh.procedure(kh.codes("CCAM", "ABCD001")), progress=False)
    row = counted.to_polars().filter(pl.col("level").str.contains("ABCD001"))
    assert row["persons"].to_list() == [0]
    assert wh.verify(progress=False) > 0


def test_a_duckdb_file_is_read_more_than_once(tmp_path: Path) -> None:
    """The tables of an OMOP source are looked at before they are read."""
    connection = duckdb.connect(str(tmp_path / "cdm.duckdb"))
    connection.execute(
        "create table person as select i as person_id, 8507 as gender_concept_id, 1950 as year_of_birth "
        "from range(1, 301) t(i)"
    )
    connection.execute(
        "create table observation_period as select person_id, date '2010-01-01' as "
        "observation_period_start_date, date '2019-12-31' as observation_period_end_date from person"
    )
    connection.execute(
        "create table drug_exposure as select (i % 300) + 1 as person_id, 1118084 + i % 3 as drug_concept_id, "
        "date '2012-01-01' + (i % 900)::int as drug_exposure_start_date from range(5000) t(i)"
    )
    connection.execute("create table death as select person_id, date '2018-01-01' as death_date from person limit 20")
    connection.close()
    wh = kh.ingest.omop(tmp_path / "cdm.duckdb", into=tmp_path / "wh", progress=False)
    assert wh.ingest_report is not None
    assert {name: counts.kept for name, counts in wh.ingest_report.tables.items()} == {
        "persons": 300,
        "observation_period": 300,
        "enrollment": 300,
        "drug": 5_000,
        "death_cause": 20,
    }


def test_a_domain_may_have_the_name_of_an_argument(tmp_path: Path) -> None:
    """As `observation` in OMOP, beside the observation periods."""
    tables = source()
    own = {"observation": tables["diagnosis"], "memory": tables["drug"], "drug": tables["drug"]}
    periods = tables["persons"].select("person_id", start="observation_start", end="observation_end")
    wh = make(tmp_path / "wh", {"persons": tables["persons"]}, observation=periods, domains=own)
    assert wh.domains == ("drug", "memory", "observation")
    by_keyword = make(tmp_path / "expected", {"persons": tables["persons"], "drug": tables["drug"]})
    for query in (kh.event("memory"), kh.drug()):
        found = wh.run(kh.cohort("x").entry(query), progress=False).persons().select("start", "end")
        expected = by_keyword.run(kh.cohort("x").entry(kh.drug()), progress=False).persons().select("start", "end")
        assert found.sort("start", "end").equals(expected.sort("start", "end"))
    assert wh.ingest_report is not None
    assert wh.ingest_report.tables["observation"].kept == tables["diagnosis"].height


def test_a_domain_is_given_once(tmp_path: Path) -> None:
    tables = source()
    with pytest.raises(kh.IngestError, match="'drug' is given by keyword and in domains=: give it once"):
        make(tmp_path / "wh", tables, domains={"drug": tables["drug"]})
    assert not (tmp_path / "wh").exists()
