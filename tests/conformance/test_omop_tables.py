"""What an ingest of OHDSI's data stores, table by table, against DuckDB on the same files."""

from __future__ import annotations

import warnings

import duckdb
import kohort as kh
import polars as pl
import pytest
from kohort.ingest import eras
from stored import events, persons, vocabulary

SOURCES = ("gibleed", "directed_cdm_small")

#: Tables, their domains, and what each row must be: the canonical columns in terms of the table's own.
TABLES = {
    "condition_occurrence": ("diagnosis", "condition", "condition_start_date", "condition_occurrence_id"),
    "drug_exposure": ("drug", "drug", "drug_exposure_start_date", "drug_exposure_id"),
    "procedure_occurrence": ("procedure", "procedure", "procedure_date", "procedure_occurrence_id"),
    "measurement": ("measurement", "measurement", "measurement_date", "measurement_id"),
    "observation": ("observation", "observation", "observation_date", "observation_id"),
    "visit_occurrence": ("stay", "visit", "visit_start_date", "visit_occurrence_id"),
    "visit_detail": ("visit_detail", "visit_detail", "visit_detail_start_date", "visit_detail_id"),
    "device_exposure": ("device", "device", "device_exposure_start_date", "device_exposure_id"),
    "specimen": ("specimen", "specimen", "specimen_date", "specimen_id"),
    "condition_era": ("condition_era", "condition", "condition_era_start_date", "condition_era_id"),
    "drug_era": ("drug_era", "drug", "drug_era_start_date", "drug_era_id"),
    "dose_era": ("dose_era", "drug", "dose_era_start_date", "dose_era_id"),
}

CARE = {"provider_id", "provider_specialty_concept_id", "stay_concept_id"}
#: The columns that OHDSI's definitions can name, besides those that every domain has.
ASKED = {
    "diagnosis": {*CARE, "condition_status_concept_id", "stop_reason"},
    "drug": {
        *CARE,
        *("refills", "quantity", "days_supply", "route_concept_id", "effective_drug_dose", "dose_unit_concept_id"),
        *("lot_number", "stop_reason"),
    },
    "procedure": {*CARE, "modifier_concept_id", "quantity"},
    "measurement": {
        *CARE,
        *("operator_concept_id", "value_as_number", "value_as_concept_id", "unit_concept_id", "range_low"),
        "range_high",
    },
    "observation": {
        *CARE,
        *("value_as_number", "value_as_string", "value_as_concept_id", "qualifier_concept_id", "unit_concept_id"),
    },
    "stay": {*CARE, "care_site_id", "place_of_service_concept_id"},
    "visit_detail": {*CARE, "care_site_id", "place_of_service_concept_id"},
    "device": {*CARE, "unique_device_id", "quantity"},
    "specimen": {
        *("quantity", "unit_concept_id", "anatomic_site_concept_id", "disease_status_concept_id"),
        "specimen_source_id",
    },
    "condition_era": {"occurrence_count"},
    "drug_era": {"occurrence_count", "gap_days"},
    "dose_era": {"unit_concept_id", "dose_value"},
    "death_cause": {"cause_concept_id"},
    "enrollment": {"period_type_concept_id"},
}
EVERYWHERE = {"person", "start", "code", "event_id", "stay_id", "source_concept_id", "type_concept_id"}
TEXTS = {"code", "stop_reason", "lot_number", "value_as_string", "unique_device_id", "specimen_source_id", "sig"}
NUMBERS = {"value_as_number", "range_low", "range_high", "effective_drug_dose", "dose_value"}


@pytest.fixture(scope="module")
def made():
    """Keep the warehouses from test to test."""
    return {}


@pytest.fixture(params=SOURCES)
def source(request, shared, made, tmp_path_factory):
    folder = shared(f"data/omop/{request.param}/parquet")
    if request.param not in made:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*rows were left out", kh.KohortWarning)
            into = tmp_path_factory.mktemp(request.param) / "wh"
            made[request.param] = kh.ingest.omop(folder, into=into, progress=False, shard_persons=2_000)
    with duckdb.connect() as connection:
        for file in sorted(folder.glob("*.parquet")):
            connection.execute(f"create view {file.stem} as select * from '{file}'")
        yield made[request.param], connection


def columns_of(connection, table):
    found = connection.execute("select column_name from duckdb_columns() where table_name = ?", [table]).fetchall()
    return {name for (name,) in found}


def test_every_table_is_a_domain(source):
    wh, connection = source
    there = {
        name for (name,) in connection.execute("select view_name from duckdb_views() where not internal").fetchall()
    }
    expected = {domain for table, (domain, *_) in TABLES.items() if table in there}
    others = {"death": "death_cause", "observation_period": "enrollment", "payer_plan_period": "payer_plan_period"}
    expected |= {domain for table, domain in others.items() if table in there}
    assert set(wh.domains) == expected
    assert {"visit_detail", "dose_era", "specimen", "device"} <= expected, "empty tables are domains too"
    assert wh.provenance["built"] == []


def test_what_definitions_can_name_is_there(source):
    wh, _ = source
    for domain, entry in wh._manifest["domains"].items():
        kinds = entry["columns"]
        assert EVERYWHERE | ASKED.get(domain, set()) <= kinds.keys(), domain
        assert not [name for name in kinds if name.endswith(("_datetime", "_source_value"))], domain
        for name, kind in kinds.items():
            expected = {"person": "UInt32", "days_supply": "Int32"}.get(name, "Int64")
            if name in TEXTS:
                expected = "Utf8"
            elif name in {"start", "end", "verbatim_end_date"}:
                expected = "Date32"
            elif name in NUMBERS or (name == "quantity" and domain in {"drug", "specimen"}):
                expected = "Float64"
            assert kind == expected, (domain, name)


@pytest.mark.parametrize("table", TABLES)
def test_rows_are_what_sql_finds(source, table):
    """Every column of every row, in the order of code, person and start, and of the input where these are equal."""
    wh, connection = source
    domain, prefix, start, key = TABLES[table]
    there = columns_of(connection, table)
    kinds = wh._manifest["domains"][domain]["columns"]

    def canonical(name, origin):
        return f"{'t.' + origin if origin in there else 'null'} as {name}"

    names = {
        "code": f"cast(t.{prefix}_concept_id as varchar) as code",
        "start": f"t.{start} as start",
        "event_id": f"t.{key} as event_id",
        "stay_id": canonical("stay_id", "visit_occurrence_id"),
        "source_concept_id": canonical("source_concept_id", f"{prefix}_source_concept_id"),
        "type_concept_id": canonical("type_concept_id", f"{prefix}_type_concept_id"),
        "stay_concept_id": "v.visit_concept_id as stay_concept_id",
        # Neither source has providers or care sites.
        "provider_specialty_concept_id": "null as provider_specialty_concept_id",
        "place_of_service_concept_id": "null as place_of_service_concept_id",
        "occurrence_count": f"t.{'drug_exposure' if prefix == 'drug' else 'condition_occurrence'}_count as n",
        "end": f"t.{start.replace('start', 'end')} as ended",
    }
    chosen = sorted(kinds.keys() - {"person"})
    selected = ", ".join(names.get(name) or canonical(name, name) for name in chosen)
    visit_id = "t.visit_occurrence_id" if "visit_occurrence_id" in there else "null"
    sql = (
        f"select t.person_id, {selected} from (select *, row_number() over () as n_ from {table}) t "
        "left join visit_occurrence v on v.visit_occurrence_id = "
        f"{visit_id} and v.person_id = t.person_id order by cast(t.{prefix}_concept_id as varchar), t.person_id, "
        f"t.{start}, n_"
    )
    expected = [(str(row[0]), *row[1:]) for row in connection.execute(sql).fetchall()]
    found = events(wh, domain)
    assert wh._manifest["domains"][domain]["rows"] == len(expected)
    if not expected:
        assert found.is_empty()
        return
    # Shards follow one another: persons stand in the order of the source, which is not that of their numbers.
    found = found.with_columns(pl.col("person_id").cast(pl.Int64).alias("_p")).sort(
        "code", "_p", "start", maintain_order=True
    )
    got = found.select("person_id", *chosen).rows()
    rounded = [
        tuple(float(v) if isinstance(v, (int, float)) or hasattr(v, "as_tuple") else v for v in r) for r in expected
    ]
    assert [tuple(float(v) if isinstance(v, (int, float)) else v for v in r) for r in got] == rounded


def test_periods_and_deaths_are_events(source):
    wh, connection = source
    expected = connection.execute(
        "select p.person_id::varchar, coalesce(period_type_concept_id, 0)::varchar, observation_period_start_date, "
        "observation_period_end_date, observation_period_id, period_type_concept_id, period_type_concept_id "
        "from observation_period join person p using (person_id) order by all"
    ).fetchall()
    columns = ["person_id", "code", "start", "end", "event_id", "type_concept_id", "period_type_concept_id"]
    assert sorted(events(wh, "enrollment").select(columns).rows()) == sorted(expected)
    deaths = connection.execute(
        "select person_id::varchar, coalesce(cause_concept_id, 0)::varchar, death_date, person_id, "
        "death_type_concept_id from death order by all"
    ).fetchall()
    found = events(wh, "death_cause")
    got = found.select("person_id", "code", "start", "event_id", "type_concept_id").rows() if deaths else found.rows()
    assert sorted(got) == sorted(deaths)


def test_persons_keep_their_concepts(source):
    wh, connection = source
    names = ("gender_concept_id", "race_concept_id", "ethnicity_concept_id")
    expected = connection.execute(f"select person_id::varchar, {', '.join(names)} from person order by all").fetchall()
    found = persons(wh)
    assert found.select(names).dtypes == [pl.Int64] * 3
    assert sorted(found.select("person_id", *names).rows()) == sorted(expected)


def test_vocabularies_are_what_ohdsi_takes(source):
    wh, connection = source
    expected = connection.execute(
        "select ancestor_concept_id::varchar, descendant_concept_id::varchar from concept_ancestor "
        "join concept on concept_id = descendant_concept_id where invalid_reason is null"
    ).fetchall()
    assert sorted(vocabulary(wh, "ancestor").select("ancestor", "descendant").rows()) == sorted(expected)
    mapped = connection.execute(
        "select concept_id_1::varchar, concept_id_2::varchar from concept_relationship "
        "where relationship_id = 'Maps to' and invalid_reason is null"
    ).fetchall()
    assert sorted(vocabulary(wh, "maps_to").select("code", "standard").rows()) == sorted(mapped)


@pytest.fixture
def gibleed(shared):
    folder = shared("data/omop/gibleed/parquet")
    return {file.stem: pl.scan_parquet(file) for file in folder.glob("*.parquet")}


def test_condition_eras_of_gibleed_are_its_own(gibleed):
    """All 65,276 that are built are in its table, count and days; the 443 others there are of concept 0.

    Those have no occurrences in the data: GiBleed holds no occurrence of concept 0.
    """
    tables = {name: gibleed[name] for name in ("person", "condition_occurrence")}
    built = eras.build(tables)["condition_era"].collect().drop("condition_era_id")
    own = gibleed["condition_era"].select(built.columns).collect().cast(dict(built.schema))
    rest = own.join(built, on=built.columns, how="anti")
    assert (built.height, own.height - rest.height) == (65_276, 65_276)
    assert rest["condition_concept_id"].unique().to_list() == [0]
    assert gibleed["condition_occurrence"].filter(pl.col("condition_concept_id") == 0).collect().is_empty()


def test_drug_eras_of_gibleed_are_nearly_its_own(gibleed):
    """All 52,508 have the person, ingredient, first day and count of its table, and 52,500 of them the last day.

    In the other 8, two exposures begin on one day, and its table ends the era with the one that ends first.
    Its `gap_days` are no gaps (most are the last day, counted from 1970), so they are not compared.
    """
    tables = {name: gibleed[name] for name in ("person", "drug_exposure", "concept", "concept_ancestor")}
    built = eras.build(tables)["drug_era"].collect().drop("drug_era_id", "gap_days")
    own = gibleed["drug_era"].select(built.columns).collect().cast(dict(built.schema))
    keys = ["person_id", "drug_concept_id", "drug_era_start_date", "drug_exposure_count"]
    both = own.join(built, on=keys, validate="1:1")
    assert both.height == own.height == built.height == 52_508
    other = both.filter(pl.col("drug_era_end_date") != pl.col("drug_era_end_date_right"))
    assert other.height == 8
    assert (other["drug_era_end_date"] == other["drug_era_start_date"]).all()
    assert (other["drug_exposure_count"] == 2).all()
