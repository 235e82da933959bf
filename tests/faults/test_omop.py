"""A small CDM made by hand: what other tables tell of events, what is valid, what lacks, and what builds eras."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import kohort as kh
import polars as pl
import pytest
from stored import events, persons, vocabulary

DAY = date(2016, 5, 4)
LATER = date(2016, 6, 1)


def cdm(**changes: Any) -> dict[str, pl.DataFrame]:
    """Two persons, their providers, care sites and stays; `changes` replace tables, None leaves one out."""
    tables: dict[str, Any] = {
        "person": {
            "person_id": [1, 2],
            "gender_concept_id": [8507, 8532],
            "year_of_birth": [1950, 1960],
            "race_concept_id": [8527, None],
        },
        "observation_period": {
            "observation_period_id": [7, 8],
            "person_id": [1, 2],
            "observation_period_start_date": [date(2015, 1, 1)] * 2,
            "observation_period_end_date": [date(2019, 12, 31)] * 2,
            "period_type_concept_id": [44814724, None],
        },
        "provider": {"provider_id": [31, 32, 32], "specialty_concept_id": [38004446, 38004451, 1]},
        "care_site": {"care_site_id": [41, 42], "place_of_service_concept_id": [8717, None]},
        "visit_occurrence": {
            "visit_occurrence_id": [51, 52, 51],
            "person_id": [1, 2, 2],
            "visit_concept_id": [9201, 9202, 9203],
            "visit_start_date": [DAY] * 3,
            "visit_end_date": [LATER, None, DAY],
            "care_site_id": [41, 42, None],
            "provider_id": [31, None, 99],
        },
        "condition_occurrence": {
            "condition_occurrence_id": [64, 63, 62, 61],
            "person_id": [1, 1, 1, 2],
            "condition_concept_id": [201826] * 4,
            "condition_start_date": [DAY] * 4,
            "condition_end_date": [None, DAY, LATER, None],
            "provider_id": [31, 32, None, 99],
            # 52 is a stay of person 2; 51 is one of either, with another concept.
            "visit_occurrence_id": [51, 52, None, 51],
            "condition_source_value": ["E11"] * 4,
        },
        "concept": {
            "concept_id": [201820, 201826, 201830, 45591027],
            "concept_name": ["diabetes", "type 2", "old", "E11"],
            "invalid_reason": [None, None, "U", None],
        },
        "concept_ancestor": {
            "ancestor_concept_id": [201820, 201820, 201820, 201820],
            # 4 is no concept, and 201830 no valid one.
            "descendant_concept_id": [201820, 201826, 201830, 4],
        },
        "concept_relationship": {
            "concept_id_1": [45591027, 45591027, 201826, 45591027],
            "concept_id_2": [201826, 201820, 201820, 201830],
            "relationship_id": ["Maps to", "Maps to", "Is a", "Mapped from"],
            "invalid_reason": [None, "D", None, None],
        },
    }
    tables |= changes
    return {name: pl.DataFrame(given) for name, given in tables.items() if given is not None}


def ingest(tables: dict[str, pl.DataFrame], folder: Path, form: str = "parquet", **options: Any) -> kh.Warehouse:
    (folder / "cdm").mkdir()
    for name, frame in tables.items():
        if form == "csv":
            frame.write_csv(folder / "cdm" / f"{name}.csv")
        else:
            frame.write_parquet(folder / "cdm" / f"{name}.parquet")
    return kh.ingest.omop(folder / "cdm", into=folder / "wh", progress=False, **options)


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_events_know_provider_stay_and_place(form: str, tmp_path: Path) -> None:
    wh = ingest(cdm(), tmp_path, form)
    found = events(wh, "diagnosis")
    columns = ["person_id", "event_id", "stay_id", "stay_concept_id", "provider_specialty_concept_id"]
    assert found.select(columns).rows() == [
        ("1", 64, 51, 9201, 38004446),
        ("1", 63, 52, None, 38004451),
        ("1", 62, None, None, None),
        ("2", 61, 51, 9203, None),
    ], "in the order of the input, and a row each"
    assert "condition_source_value" not in found.columns
    for name, kind in {"stop_reason": pl.String, "condition_status_concept_id": pl.Int64}.items():
        assert found[name].dtype == kind
        assert found[name].null_count() == 4
    stays = events(wh, "stay").sort("code")
    columns = ["code", "event_id", "stay_id", "stay_concept_id", "place_of_service_concept_id"]
    assert stays.select(*columns, "provider_specialty_concept_id").rows() == [
        ("9201", 51, 51, 9201, 8717, 38004446),
        ("9202", 52, 52, 9202, None, None),
        ("9203", 51, 51, 9203, None, None),
    ]


def test_persons_keep_their_concepts(tmp_path: Path) -> None:
    found = persons(ingest(cdm(), tmp_path)).select("gender_concept_id", "race_concept_id", "ethnicity_concept_id")
    assert found.rows() == [(8507, 8527, None), (8532, None, None)]
    assert found.dtypes == [pl.Int64] * 3


def test_valid_descendants_and_mappings(tmp_path: Path) -> None:
    wh = ingest(cdm(), tmp_path)
    pairs = vocabulary(wh, "ancestor").select("ancestor", "descendant").rows()
    assert pairs == [("201820", "201820"), ("201820", "201826")]
    assert vocabulary(wh, "maps_to").rows() == [("OMOP", "45591027", "201826")]
    below = kh.diagnosis(kh.codes("OMOP", 201820, descendants=True))
    assert {int(row[0]) for row in wh.run(kh.cohort("diabetes").entry(below)).persons().rows()} == {1, 2}


def test_descents_without_concepts_are_taken_as_they_are(tmp_path: Path) -> None:
    wh = ingest(cdm(concept=None, concept_relationship=None), tmp_path)
    assert vocabulary(wh, "ancestor")["descendant"].to_list() == ["201820", "201826", "201830", "4"]
    assert "maps_to" not in wh._manifest["vocabulary"]


def test_deaths_and_periods_without_a_concept_are_events(tmp_path: Path) -> None:
    death = {
        "person_id": [2, 1],
        "death_date": [LATER, DAY],
        "death_type_concept_id": [38003569, None],
        "cause_concept_id": [None, 4306655],
        "cause_source_concept_id": [11, None],
    }
    wh = ingest(cdm(death=death), tmp_path)
    columns = ["person_id", "code", "start", "event_id", "source_concept_id", "type_concept_id", "cause_concept_id"]
    assert events(wh, "death_cause").select(columns).rows() == [
        ("2", "0", LATER, 2, 11, 38003569, None),
        ("1", "4306655", DAY, 1, None, None, 4306655),
    ]
    assert persons(wh)["death"].to_list() == [DAY, LATER]
    assert events(wh, "enrollment").select("person_id", "code", "event_id", "type_concept_id").rows() == [
        ("2", "0", 8, None),
        ("1", "44814724", 7, 44814724),
    ]


def test_renamed_persons_are_not_told_by_their_death(tmp_path: Path) -> None:
    death = {"person_id": [2], "death_date": [LATER]}
    wh = ingest(cdm(death=death), tmp_path, key=b"sixteen bytes or more")
    assert events(wh, "death_cause")["event_id"].to_list() == [None]
    assert not {"1", "2"} & set(persons(wh)["person_id"])


def test_payers_and_places_of_living(tmp_path: Path) -> None:
    payer = {
        "payer_plan_period_id": [71, 72],
        "person_id": [1, 2],
        "payer_plan_period_start_date": [DAY] * 2,
        "payer_plan_period_end_date": [LATER] * 2,
        "payer_concept_id": [280, None],
        "plan_source_concept_id": [5, 6],
    }
    history = {
        "location_history_id": [81, 82, 83, 84],
        "location_id": [91, 92, 91, 93],
        "domain_id": ["PERSON", "PERSON", "CARE_SITE", "PERSON"],
        "entity_id": [1, 2, 2, 1],
        "start_date": [DAY] * 4,
        "end_date": [LATER, None, None, LATER],
    }
    location = {"location_id": [91, 92], "region_concept_id": [4330442, None]}
    wh = ingest(cdm(payer_plan_period=payer, location_history=history, location=location), tmp_path)
    columns = ["person_id", "code", "start", "end", "event_id"]
    found = events(wh, "payer_plan_period")
    assert found.select(columns).rows() == [("2", "0", DAY, LATER, 72), ("1", "280", DAY, LATER, 71)]
    assert found["plan_source_concept_id"].to_list() == [6, 5]
    for name in ("payer", "plan", "sponsor", "stop_reason"):
        assert {f"{name}_concept_id", f"{name}_source_concept_id"} <= set(found.columns)
    assert events(wh, "location").select(columns).rows() == [
        ("2", "0", DAY, date(2099, 12, 31), 82),
        ("1", "4330442", DAY, LATER, 81),
    ], "neither places of care nor places that there are not"


def test_a_history_without_locations_is_not_used(tmp_path: Path) -> None:
    history = {"location_id": [1], "domain_id": ["PERSON"], "entity_id": [1], "start_date": [DAY]}
    wh = ingest(cdm(location_history=history), tmp_path)
    assert "location" not in wh.domains
    assert wh.ingest_report is not None
    assert wh.ingest_report.skipped["location_history"] == "there is no table 'location'"


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_an_empty_table_is_an_empty_domain(form: str, tmp_path: Path) -> None:
    empty = cdm()["condition_occurrence"].clear()
    wh = ingest(cdm(condition_occurrence=empty), tmp_path, form, shard_persons=1)
    assert wh.domains == ("condition_era", "diagnosis", "enrollment", "stay")
    entry = wh._manifest["domains"]["diagnosis"]
    assert entry["rows"] == 0
    assert {"event_id", "stay_concept_id", "stop_reason"} <= entry["columns"].keys()
    assert wh.run(kh.cohort("nobody").entry(kh.diagnosis()), progress=False).persons().height == 0


def test_eras_that_are_absent_are_built(tmp_path: Path) -> None:
    tables = cdm(
        drug_exposure={
            "drug_exposure_id": [1, 2, 3],
            "person_id": [1, 1, 3],
            "drug_concept_id": [1127433, 1127433, 1127433],
            "drug_exposure_start_date": [DAY, date(2016, 6, 13), DAY],
            "days_supply": [10, None, 10],
        },
        concept={
            "concept_id": [1125315, 1127433, 201826],
            "concept_name": ["paracetamol", "paracetamol 325 mg", "type 2"],
            "vocabulary_id": ["RxNorm", "RxNorm", "SNOMED"],
            "concept_class_id": ["Ingredient", "Clinical Drug", "Clinical Finding"],
        },
        concept_ancestor={"ancestor_concept_id": [1125315], "descendant_concept_id": [1127433]},
    )
    with pytest.warns(kh.KohortWarning, match="1 rows were left out"):
        wh = ingest(tables, tmp_path)
    assert wh.provenance["built"] == ["condition_era", "drug_era"]
    columns = ["person_id", "code", "start", "end", "event_id", "occurrence_count"]
    assert events(wh, "drug_era").select(*columns, "gap_days").rows() == [
        ("1", "1125315", DAY, date(2016, 6, 14), 1, 2, 30)
    ], "the exposure of an unknown person is left out once, and not counted again"
    assert events(wh, "condition_era").select(columns).rows() == [
        ("1", "201826", DAY, LATER, 1, 3),
        ("2", "201826", DAY, date(2016, 5, 5), 2, 1),
    ]


def test_eras_that_are_there_are_taken(tmp_path: Path) -> None:
    era = {
        "condition_era_id": [5],
        "person_id": [2],
        "condition_concept_id": [9],
        "condition_era_start_date": [DAY],
        "condition_era_end_date": [LATER],
        "condition_occurrence_count": [3],
    }
    wh = ingest(cdm(condition_era=era), tmp_path)
    assert wh.provenance["built"] == []
    assert events(wh, "condition_era").select("person_id", "code", "occurrence_count").rows() == [("2", "9", 3)]


def test_numbers_with_gaps_as_pandas_writes_them(tmp_path: Path) -> None:
    """Identifiers become whole numbers again; counts with fractions stay as they are."""
    table = {
        "procedure_occurrence_id": [1.0, 2.0],
        "person_id": [1, 2],
        "procedure_concept_id": [4.0, 5.0],
        "procedure_date": [DAY] * 2,
        "visit_occurrence_id": [float("nan"), 52.0],
        "quantity": [1.5, 2.0],
        "procedure_end_datetime": [None, None],
    }
    found = events(ingest(cdm(procedure_occurrence=table), tmp_path), "procedure")
    assert found.select("code", "event_id", "stay_id", "stay_concept_id", "quantity").rows() == [
        ("4", 1, None, None, 1.5),
        ("5", 2, 52, 9202, 2.0),
    ]
    assert "end" not in found.columns


def test_an_identifier_that_is_no_number_is_refused(tmp_path: Path) -> None:
    wrong = cdm()["condition_occurrence"].with_columns(visit_occurrence_id=pl.lit("secret-visit"))
    with pytest.raises(kh.IngestError, match="table 'diagnosis' cannot be read") as error:
        ingest(cdm(condition_occurrence=wrong), tmp_path)
    assert "secret-visit" not in str(error.value)
    assert not (tmp_path / "wh").exists()
