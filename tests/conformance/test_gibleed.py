"""Cohorts of OHDSI's GiBleed data, row for row as hand-written SQL finds them on DuckDB, whatever the source's form."""

from __future__ import annotations

import warnings

import duckdb
import kohort as kh
import pytest
from gibleed_studies import NEW_USERS, STUDIES

#: What a CDM must have for the new users of celecoxib; the smaller sources are made of these alone.
TABLES = ("person", "observation_period", "drug_era", "concept", "concept_ancestor")


@pytest.fixture
def parquet(shared):
    return shared("data/omop/gibleed/parquet")


@pytest.fixture
def gibleed(parquet):
    """Open DuckDB on the Parquet files, a view each."""
    with duckdb.connect() as connection:
        for file in sorted(parquet.glob("*.parquet")):
            connection.execute(f"create view {file.stem} as select * from '{file}'")
        yield connection


def ingest(source, into):
    # The data hold observation periods of 2,649 persons that they do not hold otherwise: those rows are left out.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*rows were left out", kh.KohortWarning)
        return kh.ingest.omop(source, into=into, progress=False, shard_persons=1_000)


@pytest.fixture(scope="module")
def made():
    """Keep the warehouse from test to test."""
    return {}


@pytest.fixture
def wh(made, parquet, tmp_path_factory):
    if not made:
        made["wh"] = ingest(parquet, tmp_path_factory.mktemp("gibleed") / "wh")
    return made["wh"]


def rows(wh, cohort):
    found = wh.run(cohort, progress=False).persons().rows()
    return sorted((int(person), start, end) for person, start, end in found)


def test_the_warehouse_holds_what_the_source_does(wh, gibleed):
    (persons,) = gibleed.execute("select count(*) from person").fetchone()
    (orphans,) = gibleed.execute(
        "select count(*) from observation_period where person_id not in (select person_id from person)"
    ).fetchone()
    assert wh.ingest_report.tables["persons"].kept == persons == 2694
    assert wh.ingest_report.refused == orphans == 2649


@pytest.mark.parametrize("name", STUDIES)
def test_cohorts_are_what_sql_finds(wh, gibleed, name):
    study = STUDIES[name]
    expected = sorted(gibleed.execute(study.sql).fetchall())
    assert 50 < len(expected) < 10_000, "a study that tells something"
    assert rows(wh, study.cohort) == expected


@pytest.mark.parametrize("name", ["new users", "first exposures"])
def test_new_users_of_celecoxib_are_1800(wh, name):
    assert len({person for person, _, _ in rows(wh, STUDIES[name].cohort)}) == 1800


def test_attrition_counts_what_sql_counts(wh, gibleed):
    (exposed,) = gibleed.execute(
        "select count(distinct person_id) from drug_era where drug_concept_id = 1118084"
    ).fetchone()
    steps = wh.run(NEW_USERS.cohort, progress=False)._core.attrition()
    assert steps == [("entry events", exposed, exposed), ("under observation", 1800, 1800), ("first entry", 1800, 1800)]


@pytest.mark.parametrize(("name", "schema"), [("cdm", "main"), ("gibleed", "cdm"), ("cdm", "cdm")])
def test_a_duckdb_file_is_a_source(parquet, wh, tmp_path, name, schema):
    file = tmp_path / f"{name}.duckdb"
    with duckdb.connect(file) as connection:
        connection.execute(f"create schema if not exists {name}.{schema}")
        for table in TABLES:
            connection.execute(f"create table {name}.{schema}.{table} as select * from '{parquet / table}.parquet'")
    found = ingest(file, tmp_path / "wh")
    assert found.domains == ("drug_era", "enrollment")
    assert rows(found, NEW_USERS.cohort) == rows(wh, NEW_USERS.cohort)


@pytest.mark.parametrize("form", ["csv", "csv.gz", "tsv"])
def test_a_folder_of_text_files_is_a_source(parquet, wh, gibleed, tmp_path, form):
    folder = tmp_path / "cdm"
    folder.mkdir()
    how = "delimiter '\t'" if form == "tsv" else "delimiter ','"
    for table in TABLES:
        # Vocabulary servers write names in capitals.
        gibleed.execute(f"copy {table} to '{folder / table.upper()}.{form}' (format csv, header, {how})")
    found = ingest(folder, tmp_path / "wh")
    assert rows(found, NEW_USERS.cohort) == rows(wh, NEW_USERS.cohort)


def test_labels_come_with_the_concepts(wh):
    assert wh._core.labels("OMOP", ["1118084"]) == {"1118084": "celecoxib"}
